"""Step Functions' events to EventBridge about the status of executions.

Source: "Automating Step Functions event delivery with EventBridge" in the Step
Functions developer guide, by which an event's detail is what DescribeExecution
answers.
"""

import copy
import json
from datetime import datetime

from moto.events.models import events_backends
from moto.stepfunctions.parser.api import ExecutionStatus, StateMachineType
from moto.stepfunctions.parser.backend.execution import (
    BaseExecutionWorkerCommunication,
    Execution,
)

from patching import replaces


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
    detail = json.dumps(execution.to_describe_output(), default=_milliseconds)
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


def _milliseconds(when: datetime) -> int:
    return int(when.timestamp() * 1000)
