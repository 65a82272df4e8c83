"""Step Functions telling EventBridge how an execution fares.

Format: "Automating Step Functions event delivery with EventBridge" in the Step
Functions developer guide, by which an event's detail is what DescribeExecution
answers.
"""

import copy
import json
from datetime import datetime
from typing import Any

from moto.events.models import events_backends
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.backend.execution import (
    BaseExecutionWorkerCommunication,
    Execution,
)
from moto.utilities.arns import parse_arn


def tell_starts_and_ends() -> None:
    start = Execution.start
    reflect = BaseExecutionWorkerCommunication._reflect_execution_status

    def tell_and_start(self):
        self.exec_status = ExecutionStatus.RUNNING
        tell(self, None)
        start(self)

    def reflect_and_tell(self):
        # On a copy: moto sets the status before the output or the error, and a
        # request in between would be answered without these.
        execution, self.execution = self.execution, copy.copy(self.execution)
        reflect(self)
        ended, self.execution = self.execution, execution
        for name in ("stop_date", "output", "error", "cause", "exec_status"):
            setattr(execution, name, getattr(ended, name))
        output = execution.output
        tell(execution, None if output is None else json.dumps(output))

    Execution.start = tell_and_start
    BaseExecutionWorkerCommunication._reflect_execution_status = reflect_and_tell


def tell(execution: Any, output: str | None) -> None:
    """Puts an execution's status on the default bus."""
    arn = parse_arn(execution.execution_arn)
    detail = {
        "executionArn": execution.execution_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": _milliseconds(execution.start_date),
        "stopDate": _milliseconds(execution.stop_date),
        "input": execution.execution_input,
        "inputDetails": {"included": True},
        "output": output,
        "outputDetails": output and {"included": True},
        "error": execution.error,
        "cause": execution.cause,
    }
    events_backends[arn.account][arn.region].put_events(
        [
            {
                "Source": "aws.states",
                "DetailType": "Step Functions Execution Status Change",
                "Detail": json.dumps(detail),
                "Resources": [execution.execution_arn],
            }
        ]
    )


def _milliseconds(when: datetime | None) -> int | None:
    return when and int(when.timestamp() * 1000)


MENDS = (tell_starts_and_ends,)
