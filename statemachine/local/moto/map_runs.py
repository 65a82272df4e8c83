"""Runs each item of a Distributed Map as an execution of its own, as AWS does: with
an ARN, a history, a role, status events, and a place in the map run's counts.

Source: "Examining Map Run" in the Step Functions developer guide.
"""

import copy
import uuid
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import ExecutionStatus, StateMachineType
from moto.stepfunctions.parser.asl.antlr.runtime.ASLParser import ASLParser
from moto.stepfunctions.parser.asl.component.program.program import Program
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.distributed_item_processor_worker import (
    DistributedItemProcessorWorker,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.map_run_record import (
    MapRunRecord,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.states import ItemData, MapData
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import SyncExecution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from patching import replaces
from principals import check_service_role

_executions: dict[str, "ItemExecution"] = {}  # without Express ones, which AWS does not show


@replaces(ASLParser, "execution_type")
def parse_express(parse, self):
    """moto's grammar has child executions of the type STANDARD alone."""
    token = self._input.LT(1)
    if token.text == '"EXPRESS"':
        token.type = ASLParser.STANDARD
    return parse(self)


@replaces(Preprocessor, "visitProcessor_config_decl")
def keep_execution_type(visit, self, ctx):
    """Keeps what parse_express hides from moto."""
    config = visit(self, ctx)
    express = '"EXPRESS"' in ctx.getText()
    config.sm_type = StateMachineType.EXPRESS if express else StateMachineType.STANDARD
    return config


class ItemExecution(SyncExecution):
    """One item's execution. It runs the map's program, in the thread that starts it."""

    def __init__(self, run: MapRunRecord, program: Program, frame: Environment):
        arn, name = run.map_state_machine_arn, str(uuid.uuid4())
        kind = "express" if run.sm_type == StateMachineType.EXPRESS else "execution"
        super().__init__(
            name=name,
            sm_type=run.sm_type,
            role_arn=frame.aws_execution_details.role_arn,
            exec_arn=f"{arn.replace(':stateMachine:', f':{kind}:')}:{name}",
            account_id=frame.aws_execution_details.account,
            region_name=frame.aws_execution_details.region,
            state_machine=SimpleNamespace(
                arn=arn,
                name=arn.split(":")[-1],
                sm_type=run.sm_type,
                definition=None,
            ),
            start_date=datetime.now(tz=timezone.utc),
            cloud_watch_logging_session=None,
            activity_store=frame.activity_store,
            input_data=to_json_str(frame.states.get_input(), separators=(",", ":")),
        )
        self.exec_status = ExecutionStatus.RUNNING
        self.map_run_arn = run.map_run_arn
        self._program = program
        self._frame = frame

    def _get_start_execution_worker(self):
        worker = super()._get_start_execution_worker()
        env = worker._get_evaluation_environment()
        env.callback_pool_manager = self._frame.callback_pool_manager
        env.map_run_record_pool_manager = self._frame.map_run_record_pool_manager
        # What stops or times out the parent's frame ends this execution too.
        env._program_state = copy.copy(self._frame._program_state)
        self._frame._frames.append(env)
        worker._get_evaluation_entrypoint = lambda: self._program
        worker._get_evaluation_environment = lambda: env
        return worker


@replaces(DistributedItemProcessorWorker, "eval")
def run_items_as_executions(_, self):
    """moto runs an item as a part of its parent, forgets how it went, and takes one
    more level of recursion for each."""
    while (job := self._job_pool.next_job()) is not None:
        frame = self._env.open_inner_frame()
        try:
            job.job_output = _run_item(self, job, frame)
        except Exception as ex:
            job.job_output = ex  # It fails the map, as in AWS.
        self._env.delete_frame(frame)
        self._job_pool.close_job(job)


def _run_item(worker: DistributedItemProcessorWorker, job: Any, frame: Environment):
    run = worker._map_run_record
    if not frame.is_running():
        count(run, pending=-1, aborted=1)
        return None

    item = ItemData(Index=job.job_index, Value=job.job_input)
    frame.states.context_object.context_object_data["Map"] = MapData(Item=item)
    frame.states.reset(job.job_input)
    worker._eval_input(env_frame=frame)
    execution = ItemExecution(run, job.job_program, frame)
    # It is one of the state machine itself, whose ARN lacks the map's name.
    machine = execution.state_machine_arn.split("/")[0]
    check_service_role("states.amazonaws.com", execution.role_arn, "states:StartExecution", machine)
    run.executions.append(execution)
    if execution.sm_type != StateMachineType.EXPRESS:
        _executions[execution.execution_arn] = execution
    count(run, pending=-1, running=1)
    execution.start()
    # A count is named like a status: succeeded, failed, aborted, timed_out.
    count(run, running=-1, **{execution.status.lower(): 1})
    return execution.output


@replaces(DistributedIterationComponent, "_map_run")
def count_items_as_pending(map_run, self, env, eval_input):
    """DescribeMapRun counts all items from the start; moto counts those that have
    started."""
    run, items = eval_input.map_run_record, env.stack[-1]
    run.sm_type, run.executions = self._processor_config.sm_type, []
    count(run, total=len(items), pending=len(items))
    map_run(self, env, eval_input)


@replaces(StepFunctionsParserBackend, "describe_execution")
def describe_item_executions(describe, self, execution_arn):
    """Lets DescribeExecution and GetExecutionHistory find an item's execution."""
    return _executions.get(execution_arn) or describe(self, execution_arn)


@replaces(StepFunctionResponse, "list_executions")
def list_item_executions(list_executions, self):
    """Lets ListExecutions list those of a map run: all of them, on one page."""
    arn = self._get_param("mapRunArn")
    if not arn:
        return list_executions(self)
    items = [e.to_execution_list_item() for e in list(_executions.values()) if e.map_run_arn == arn]
    return ActionResult({"executions": items})


def count(run: MapRunRecord, **changes: int) -> None:
    """Adds to counts of a map run, of items and of executions alike."""
    for counter in (run.item_counter, run.execution_counter):
        for name, change in changes.items():
            getattr(counter, name).offset(change)
