"""CloudFormation stacks and their change sets, as the CDK works with them."""

from contextlib import suppress
from typing import Any

from moto.cloudformation import responses
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Stack

from patching import replaces


@replaces(responses, "get_stack_from_s3_url")
def read_templates_from_this_server(get, template_url: str, **kwargs: Any) -> str:
    """moto takes the host of a template's URL for an address of AWS that is named
    like the bucket, unless it is localhost."""
    return get(template_url.replace("127.0.0.1", "localhost", 1), **kwargs)


@replaces(ChangeSet, "apply")
def keep_outputs_of_change_sets(apply, self):
    """moto has a stack's outputs only if its template came without a change set."""
    apply(self)
    self.stack.template = self.template
    self.stack._parse_template()
    self.stack.output_map = self.stack._create_output_map()


@replaces(Stack, "stack_parameters")
def keep_parameters_as_given(_, self):
    """An update may say that a parameter keeps its value. For one of a type
    AWS::SSM::Parameter::Value, moto then uses what it found under the parameter's
    name as if it were the name."""
    declared = self.template_dict.get("Parameters", {})
    defaults = {name: d["Default"] for name, d in declared.items() if "Default" in d}
    return defaults | self.resource_map.input_parameters


# The CDK deletes an earlier change set before every deployment, and waits until there
# is none.


@replaces(CloudFormationBackend, "delete_change_set")
def delete_missing_change_sets(delete, self, change_set_name):
    """moto fails to delete one that doesn't exist."""
    with suppress(UnboundLocalError):
        delete(self, change_set_name)


@replaces(CloudFormationBackend, "describe_change_set")
def report_missing_change_sets(describe, self, change_set_name):
    """moto reports a missing stack instead."""
    try:
        return describe(self, change_set_name)
    except ValidationError:
        raise CloudFormationError("ChangeSetNotFoundException", change_set_name) from None


@replaces(CloudFormationBackend, "delete_stack")
def delete_stacks_or_report_why_not(delete, self, name_or_stack_id):
    """moto forgets a stack whose deletion failed; AWS keeps it, as DELETE_FAILED. And
    moto keeps the change sets of a deleted stack, for the next one of that name."""
    stack = self.stacks.get(name_or_stack_id)
    if stack is None:
        delete(self, name_or_stack_id)  # By name: this calls us again by id.
        return
    try:
        delete(self, stack.stack_id)
    except Exception as ex:
        self.stacks[stack.stack_id] = stack
        stack.status, stack.status_reason = "DELETE_FAILED", str(ex)
        stack._add_stack_event(stack.status, stack.status_reason)
        return
    for i, change_set in list(self.change_sets.items()):
        if change_set.stack_id == stack.stack_id:
            del self.change_sets[i]
