"""Mends of the Step Functions interpreter itself."""

import copy
import sys
import uuid

from moto.core.config import default_user_config
from moto.stepfunctions import models
from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader.item_reader_decl import (
    ItemReader,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.result_writer.result_writer_decl import (
    ResultWriter,
)
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.models import StepFunctionsParserBackend


def execute_state_machines() -> None:
    """An execution runs its definition, instead of reporting a fixed history."""
    default_user_config["stepfunctions"] = {"execute_state_machine": True}


def copy_state_machine_shallowly() -> None:
    """Starting an execution deep-copies the state machine, its backend included,
    whose locks cannot be copied: every execution after the first would fail."""
    models.StateMachine.__deepcopy__ = lambda self, memo: copy.copy(self)


def name_executions() -> None:
    """AWS names an execution that is started without a name."""
    start = StepFunctionsParserBackend.start_execution

    def start_execution(self, state_machine_arn, name=None, execution_input=None):
        return start(
            self, state_machine_arn, name or str(uuid.uuid4()), execution_input
        )

    StepFunctionsParserBackend.start_execution = start_execution


def skip_executions_that_have_not_begun() -> None:
    """An execution has no environment until its thread runs; looking for map
    runs in one would fail until then."""
    executions = StepFunctionsParserBackend._get_executions

    def begun(self, execution_status=None):
        return [
            e
            for e in executions(self, execution_status)
            if e.exec_worker and e.exec_worker.env
        ]

    StepFunctionsParserBackend._get_executions = begun


def allow_many_items() -> None:
    """A map's worker goes from item to item by recursion, one frame an item."""
    sys.setrecursionlimit(100_000)


def name_map_errors() -> None:
    """A map whose items cannot be read, or whose results cannot be written,
    fails with an error of its own, which a definition can retry."""
    _name_errors(ItemReader, StatesErrorNameType.StatesItemReaderFailed)
    _name_errors(ResultWriter, StatesErrorNameType.StatesResultWriterFailed)


def _name_errors(component, error_name) -> None:
    evaluate = component._eval_body

    def eval_body(self, env):
        try:
            evaluate(self, env)
        except FailureEventException:
            raise
        except Exception as ex:
            raise FailureEventException(
                FailureEvent(
                    env=env,
                    error_name=StatesErrorName(typ=error_name),
                    event_type=HistoryEventType.TaskFailed,
                    event_details=EventDetails(
                        taskFailedEventDetails=TaskFailedEventDetails(
                            error=error_name.to_name(), cause=str(ex)
                        )
                    ),
                )
            ) from ex

    component._eval_body = eval_body


MENDS = (
    execute_state_machines,
    copy_state_machine_shallowly,
    name_executions,
    skip_executions_that_have_not_begun,
    allow_many_items,
    name_map_errors,
)
