"""Step Functions' events to EventBridge about the status of executions.

Source: "Automating Step Functions event delivery with EventBridge" in the Step
Functions developer guide, by which an event's detail is what DescribeExecution
answers.
"""

import copy
import json
from datetime import datetime

from moto.events.models import events_backends
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.backend.execution import (
    BaseExecutionWorkerCommunication,
    Execution,
)


def publish_status_changes() -> None:
    """moto publishes none. It also sets an execution's status before its output and
    error, so that a request in between is answered without these."""
    start = Execution.start
    reflect = BaseExecutionWorkerCommunication._reflect_execution_status

    def publish_and_start(self):
        self.exec_status = ExecutionStatus.RUNNING
        _publish(self)
        start(self)

    def reflect_at_once_and_publish(self):
        ended = copy.copy(self.execution)
        reflect(BaseExecutionWorkerCommunication(ended))
        vars(self.execution).update(vars(ended))
        _publish(self.execution)

    Execution.start = publish_and_start
    BaseExecutionWorkerCommunication._reflect_execution_status = reflect_at_once_and_publish


def _publish(execution: Execution) -> None:
    """Puts an event about an execution's status on the default bus."""
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


PATCHES = (publish_status_changes,)
