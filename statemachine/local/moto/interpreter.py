"""Executions of the Step Functions interpreter."""

import uuid

from moto.core.config import default_user_config
from moto.stepfunctions.parser.models import StepFunctionsParserBackend

from patching import replaces

# An execution runs its definition, instead of reporting a fixed history.
default_user_config["stepfunctions"] = {"execute_state_machine": True}


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
