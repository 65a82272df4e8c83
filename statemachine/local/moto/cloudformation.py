"""CloudFormation as this project's templates need it."""

from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.cloudformation import responses
from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Stack
from moto.settings import moto_server_port
from moto.stepfunctions import models
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.models import stepfunctions_parser_backends


def deploy_to_the_interpreter() -> None:
    """moto keeps what CloudFormation makes apart from what is executed."""
    models.stepfunctions_backends = stepfunctions_parser_backends


def read_template_from_this_server() -> None:
    """moto takes a template's URL at an address for one of AWS, and looks for
    a bucket that is named like the address."""
    original = responses.get_stack_from_s3_url

    def get_stack_from_s3_url(template_url: str, **kwargs: Any) -> str:
        return original(template_url.replace("127.0.0.1", "localhost", 1), **kwargs)

    responses.get_stack_from_s3_url = get_stack_from_s3_url


def tell_outputs() -> None:
    """moto forgets a template's outputs when a change set brings it, which is
    the CDK's way."""
    apply = ChangeSet.apply

    def apply_with_outputs(self):
        apply(self)
        self.stack.template = self.template
        self.stack._parse_template()
        self.stack.output_map = self.stack._create_output_map()

    ChangeSet.apply = apply_with_outputs


def keep_parameters_as_given() -> None:
    """An update may say that a parameter stays as it was. Of one that names an
    SSM parameter, moto then takes the value found there for the name."""

    def stack_parameters(self):
        declared = self.template_dict.get("Parameters", {})
        defaults = {name: d["Default"] for name, d in declared.items() if "Default" in d}
        return defaults | self.resource_map.input_parameters

    Stack.stack_parameters = property(stack_parameters)


def miss_change_sets() -> None:
    """The CDK deletes an earlier change set before every deployment, and waits
    until AWS says that there is none. moto fails to delete what isn't there,
    and misses a stack instead of a change set."""
    delete = CloudFormationBackend.delete_change_set
    describe = CloudFormationBackend.describe_change_set

    def known(self, name):
        return any(
            name in (i, c.change_set_name) for i, c in list(self.change_sets.items())
        )

    def delete_change_set(self, change_set_name):
        if known(self, change_set_name):
            delete(self, change_set_name)

    def describe_change_set(self, change_set_name):
        if not known(self, change_set_name):
            raise CloudFormationError("ChangeSetNotFoundException", change_set_name)
        return describe(self, change_set_name)

    CloudFormationBackend.delete_change_set = delete_change_set
    CloudFormationBackend.describe_change_set = describe_change_set


def delete_stacks() -> None:
    """moto forgets a stack that it could not delete; AWS keeps it, and says so. And
    moto keeps the change sets of one that it did delete, and takes them for those
    of the next stack of that name."""
    delete = CloudFormationBackend.delete_stack

    def delete_stack(self, name_or_stack_id):
        stacks = dict(self.stacks)
        try:
            delete(self, name_or_stack_id)
        except Exception as ex:
            for i, stack in stacks.items():
                if name_or_stack_id in (i, stack.name):
                    self.stacks[i] = stack
                    stack.status = "DELETE_FAILED"
                    stack.status_reason = str(ex)
                    stack._add_stack_event(stack.status, str(ex))
            return
        for i, change_set in list(self.change_sets.items()):
            if change_set.stack_id in self.deleted_stacks:
                del self.change_sets[i]

    CloudFormationBackend.delete_stack = delete_stack


def tell_changed_properties() -> None:
    """A change set tells which properties of a resource it changes. Without them
    `cdk diff` shows no difference."""
    diff = ChangeSet.diff

    def diff_with_details(self):
        changes = diff(self)
        before = self.stack.resource_map._resource_json_map
        after = self.template_dict["Resources"]
        for change in changes:
            name = change.logical_resource_id
            if change.action == "Modify":
                change.details = _details(before[name], after[name])
        return changes

    ChangeSet.diff = diff_with_details


def _details(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    old, new = before.get("Properties", {}), after.get("Properties", {})
    return [
        {"Target": {"Attribute": "Properties", "Name": name}}
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


def substitute_definitions() -> None:
    """moto ignores DefinitionSubstitutions and every configuration but the
    definition, the role and the tags."""

    def create(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        properties = cloudformation_json["Properties"]
        return _backend(account_id, region_name).create_state_machine(
            name=properties.get("StateMachineName", resource_name),
            definition=_definition(properties),
            roleArn=properties["RoleArn"],
            tags=models.cfn_to_api_tags(properties.get("Tags", [])),
            loggingConfiguration=_api(properties.get("LoggingConfiguration")),
            tracingConfiguration=_api(properties.get("TracingConfiguration")),
        )

    update = StateMachine.update_from_cloudformation_json.__func__

    def update_in_place(
        cls,
        original_resource,
        new_resource_name,
        cloudformation_json,
        account_id,
        region_name,
    ):
        properties = cloudformation_json["Properties"]
        name = properties.get("StateMachineName", original_resource.name)
        if name != original_resource.name:
            return update(
                cls,
                original_resource,
                new_resource_name,
                cloudformation_json,
                account_id,
                region_name,
            )
        backend = _backend(account_id, region_name)
        machine = backend.update_state_machine(
            original_resource.arn,
            definition=_definition(properties),
            role_arn=properties["RoleArn"],
            logging_configuration=_api(properties.get("LoggingConfiguration")),
            tracing_configuration=_api(properties.get("TracingConfiguration")),
        )
        backend.tag_resource(
            machine.arn, models.cfn_to_api_tags(properties.get("Tags", []))
        )
        return machine

    StateMachine.create_from_cloudformation_json = classmethod(create)
    StateMachine.update_from_cloudformation_json = classmethod(update_in_place)


def _backend(account_id: str, region_name: str):
    return stepfunctions_parser_backends[account_id][region_name]


def _definition(properties: dict[str, Any]) -> str:
    definition = properties["DefinitionString"]
    for name, value in properties.get("DefinitionSubstitutions", {}).items():
        definition = definition.replace("${" + name + "}", str(value))
    return definition


def _api(configuration: Any) -> Any:
    """CloudFormation's form of a structure in the service's own: its names begin
    with a small letter."""
    if isinstance(configuration, dict):
        return {k[0].lower() + k[1:]: _api(v) for k, v in configuration.items()}
    if isinstance(configuration, list):
        return [_api(v) for v in configuration]
    return configuration


def locate_function_code() -> None:
    """GetFunction tells where a function's zip can be fetched; moto names a
    bucket that it does not have."""
    get_code = LambdaFunction.get_code

    def get_code_here(self):
        answer = get_code(self)
        if "S3Key" in self.code:
            answer["Code"]["Location"] = (
                f"http://127.0.0.1:{moto_server_port()}"
                f"/{self.code['S3Bucket']}/{self.code['S3Key']}"
            )
        return answer

    LambdaFunction.get_code = get_code_here


MENDS = (
    deploy_to_the_interpreter,
    read_template_from_this_server,
    tell_outputs,
    keep_parameters_as_given,
    miss_change_sets,
    delete_stacks,
    tell_changed_properties,
    substitute_definitions,
    locate_function_code,
)
