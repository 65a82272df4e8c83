"""Executions of the Step Functions interpreter, and the events to EventBridge about
their status.

Source: "Automating Step Functions event delivery with EventBridge" in the Step
Functions developer guide, by which an event's detail is what DescribeExecution
answers.
"""

import copy
import json
import os
import time
import uuid
from types import SimpleNamespace

from moto.core.config import default_user_config
from moto.events.models import events_backends
from moto.stepfunctions.parser.api import ExecutionStatus, StateMachineType
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)
from moto.stepfunctions.parser.backend.execution import (
    BaseExecutionWorkerCommunication,
    Execution,
)
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from patching import replaces

# An execution runs its definition, instead of reporting a fixed history.
default_user_config["stepfunctions"] = {"execute_state_machine": True}

# Tests don't wait for all the seconds that a definition has between its attempts.
_retry_speed = int(os.environ["RETRY_SPEED"])
retrier_decl.time = SimpleNamespace(sleep=lambda seconds: time.sleep(seconds / _retry_speed))


@replaces(StepFunctionsParserBackend, "start_execution")
def name_executions(start, self, state_machine_arn, name=None, execution_input=None):
    """AWS names an execution that is started without a name; moto's are all called
    None."""
    return start(self, state_machine_arn, name or str(uuid.uuid4()), execution_input)


@replaces(StepFunctionsParserBackend, "_get_executions")
def skip_executions_without_environment(get_executions, self, execution_status=None):
    """An execution has no environment until its thread runs. DescribeMapRun looks
    into the environments of all executions, and fails until then."""
    executions = get_executions(self, execution_status)
    return [e for e in executions if e.exec_worker and e.exec_worker.env]


@replaces(Execution, "start")
def publish_start(start, self):
    """moto publishes no event."""
    self.exec_status = ExecutionStatus.RUNNING
    _publish(self)
    start(self)


@replaces(BaseExecutionWorkerCommunication, "_reflect_execution_status")
def publish_end(reflect, self):
    """moto also sets an execution's status before its output and error, so that a
    request in between is answered without these."""
    ended = copy.copy(self.execution)
    reflect(BaseExecutionWorkerCommunication(ended))
    vars(self.execution).update(vars(ended))
    _publish(self.execution)


def _publish(execution: Execution) -> None:
    """Puts an event about an execution's status on the default bus, unless it is
    Express: those have no events."""
    if execution.sm_type == StateMachineType.EXPRESS:
        return
    detail = json.dumps(
        execution.to_describe_output(), default=lambda when: int(when.timestamp() * 1000)
    )
    events_backends[execution.account_id][execution.region_name].put_events(
        [
            {
                "Source": "aws.states",
                "DetailType": "Step Functions Execution Status Change",
                "Detail": detail,
                "Resources": [execution.execution_arn],
            }
        ]
    )


@replaces(StateTaskServiceSfn, "_normalise_parameters")
def name_parameters_as_the_api_does(normalise, self, parameters, *args, **kwargs):
    """moto hands on the parameters of a task that starts an execution by the names that
    a definition has, `StateMachineArn`; the API's are `stateMachineArn`."""
    normalise(self, parameters, *args, **kwargs)
    for name in list(parameters):
        parameters[name[0].lower() + name[1:]] = parameters.pop(name)
