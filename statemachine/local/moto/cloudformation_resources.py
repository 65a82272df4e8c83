"""The resources that CloudFormation makes, updates and deletes."""

import json
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.iam.models import Role
from moto.s3.models import FakeBucket, s3_backends
from moto.settings import moto_server_port
from moto.stepfunctions import models
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.models import stepfunctions_parser_backends


def make_state_machines_executable() -> None:
    """moto keeps CloudFormation's state machines apart from those that it executes."""
    models.stepfunctions_backends = stepfunctions_parser_backends


def substitute_definitions() -> None:
    """moto ignores a state machine's DefinitionSubstitutions."""
    create = StateMachine.create_from_cloudformation_json.__func__
    update = StateMachine.update_from_cloudformation_json.__func__

    def create_substituted(cls, resource_name, cloudformation_json, *args, **kwargs):
        template = _substitute(cloudformation_json)
        return create(cls, resource_name, template, *args, **kwargs)

    def update_substituted(cls, cloudformation_json, **kwargs):
        template = _substitute(cloudformation_json)
        return update(cls, cloudformation_json=template, **kwargs)

    StateMachine.create_from_cloudformation_json = classmethod(create_substituted)
    StateMachine.update_from_cloudformation_json = classmethod(update_substituted)


def _substitute(cloudformation_json: dict[str, Any]) -> dict[str, Any]:
    properties = dict(cloudformation_json["Properties"])
    for name, value in properties.pop("DefinitionSubstitutions", {}).items():
        definition = properties["DefinitionString"]
        properties["DefinitionString"] = definition.replace(f"${{{name}}}", str(value))
    return cloudformation_json | {"Properties": properties}


def store_role_policies_as_text() -> None:
    """moto keeps a role's inline policies as the template has them, and fails to read
    them: everywhere else a policy is text."""
    put_policy = Role.put_policy
    Role.put_policy = lambda self, name, policy: put_policy(self, name, _text(policy))


def update_role_policies() -> None:
    """moto's update of a role changes none of its policies."""
    update = Role.update_from_cloudformation_json.__func__

    def update_with_policies(cls, cloudformation_json, **kwargs):
        role = update(cls, cloudformation_json=cloudformation_json, **kwargs)
        properties = cloudformation_json["Properties"]
        role.assume_role_policy_document = _text(properties["AssumeRolePolicyDocument"])
        role.policies.clear()
        for policy in properties.get("Policies", []):
            role.put_policy(policy["PolicyName"], policy["PolicyDocument"])
        return role

    Role.update_from_cloudformation_json = classmethod(update_with_policies)


def _text(policy: str | dict[str, Any]) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy, default=str)


def locate_function_code() -> None:
    """GetFunction tells where a function's zip can be fetched; moto names a bucket
    that it does not have."""
    get_code = LambdaFunction.get_code

    def get_code_with_location(self):
        answer = get_code(self)
        if "S3Key" in self.code:
            path = f"{self.code['S3Bucket']}/{self.code['S3Key']}"
            answer["Code"]["Location"] = f"http://127.0.0.1:{moto_server_port()}/{path}"
        return answer

    LambdaFunction.get_code = get_code_with_location


def keep_buckets_with_objects() -> None:
    """moto keeps a bucket that isn't empty, but reports it as deleted."""

    def delete_if_empty(cls, resource_name, cloudformation_json, account_id, region_name):
        if s3_backends[account_id]["aws"].delete_bucket(resource_name) is None:
            raise ValueError(f"The bucket {resource_name} is not empty")

    FakeBucket.delete_from_cloudformation_json = classmethod(delete_if_empty)


PATCHES = (
    make_state_machines_executable,
    substitute_definitions,
    store_role_policies_as_text,
    update_role_policies,
    locate_function_code,
    keep_buckets_with_objects,
)
