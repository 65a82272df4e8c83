"""Executions of the Step Functions interpreter."""

import uuid

from moto.core.config import default_user_config
from moto.stepfunctions.parser.models import StepFunctionsParserBackend


def execute_state_machines() -> None:
    """Has moto run an execution's definition, instead of reporting a fixed history."""
    default_user_config["stepfunctions"] = {"execute_state_machine": True}


def name_executions() -> None:
    """AWS names an execution that is started without a name; moto's are all called
    None."""
    start = StepFunctionsParserBackend.start_execution

    def start_execution(self, state_machine_arn, name=None, *args, **kwargs):
        return start(self, state_machine_arn, name or str(uuid.uuid4()), *args, **kwargs)

    StepFunctionsParserBackend.start_execution = start_execution


def skip_executions_without_environment() -> None:
    """An execution has no environment until its thread runs. DescribeMapRun looks
    into the environments of all executions, and fails until then."""
    get_executions = StepFunctionsParserBackend._get_executions

    def get_begun(self, execution_status=None):
        executions = get_executions(self, execution_status)
        return [e for e in executions if e.exec_worker and e.exec_worker.env]

    StepFunctionsParserBackend._get_executions = get_begun


PATCHES = (
    execute_state_machines,
    name_executions,
    skip_executions_without_environment,
)
