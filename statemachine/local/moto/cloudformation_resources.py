"""The resources that CloudFormation makes, updates and deletes."""

import json
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.cloudformation import parsing
from moto.events.models import Rule
from moto.iam.models import Role
from moto.s3.models import FakeBucket, s3_backends
from moto.settings import moto_server_port
from moto.stepfunctions import models
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from patching import replaces

# moto keeps CloudFormation's state machines apart from those that it executes.
models.stepfunctions_backends = stepfunctions_parser_backends


@replaces(parsing, "parse_and_update_resource")
def keep_resources_without_update(update, logical_id, resource_json, resources_map, **kwargs):
    """moto forgets a resource of a type that it can't update, such as a KMS key. It is
    kept as it was."""
    resource = resources_map[logical_id]
    return update(logical_id, resource_json, resources_map, **kwargs) or resource


@replaces(StateMachine, "create_from_cloudformation_json")
def create_from_definition(create, cls, resource_name, cloudformation_json, *args, **kwargs):
    """moto ignores a state machine's DefinitionSubstitutions."""
    return create(cls, resource_name, _substitute(cloudformation_json), *args, **kwargs)


@replaces(StateMachine, "update_from_cloudformation_json")
def update_from_definition(update, cls, cloudformation_json, **kwargs):
    """moto ignores a state machine's DefinitionSubstitutions."""
    return update(cls, cloudformation_json=_substitute(cloudformation_json), **kwargs)


def _substitute(cloudformation_json: dict[str, Any]) -> dict[str, Any]:
    properties = dict(cloudformation_json["Properties"])
    for name, value in properties.pop("DefinitionSubstitutions", {}).items():
        definition = properties["DefinitionString"]
        properties["DefinitionString"] = definition.replace(f"${{{name}}}", str(value))
    return cloudformation_json | {"Properties": properties}


@replaces(Rule, "create_from_cloudformation_json")
def read_patterns_as_text(create, cls, resource_name, cloudformation_json, *args, **kwargs):
    """In a template an event pattern is an object, or its JSON in a text; moto makes
    JSON of the text once more."""
    properties = cloudformation_json["Properties"]
    if isinstance(pattern := properties.get("EventPattern"), str):
        properties = properties | {"EventPattern": json.loads(pattern)}
        cloudformation_json = cloudformation_json | {"Properties": properties}
    return create(cls, resource_name, cloudformation_json, *args, **kwargs)


@replaces(Role, "put_policy")
def store_role_policies_as_text(put_policy, self, name, policy):
    """moto keeps a role's inline policies as the template has them, and fails to read
    them: everywhere else a policy is text."""
    put_policy(self, name, _text(policy))


@replaces(Role, "update_from_cloudformation_json")
def update_role_policies(update, cls, cloudformation_json, **kwargs):
    """moto's update of a role changes none of its policies."""
    role = update(cls, cloudformation_json=cloudformation_json, **kwargs)
    properties = cloudformation_json["Properties"]
    role.assume_role_policy_document = _text(properties["AssumeRolePolicyDocument"])
    role.policies.clear()
    for policy in properties.get("Policies", []):
        role.put_policy(policy["PolicyName"], policy["PolicyDocument"])
    return role


def _text(policy: str | dict[str, Any]) -> str:
    return policy if isinstance(policy, str) else json.dumps(policy, default=str)


@replaces(LambdaFunction, "get_code")
def locate_function_code(get_code, self):
    """GetFunction tells where a function's zip can be fetched; moto names a bucket
    that it does not have."""
    answer = get_code(self)
    if "S3Key" in self.code:
        path = f"{self.code['S3Bucket']}/{self.code['S3Key']}"
        answer["Code"]["Location"] = f"http://127.0.0.1:{moto_server_port()}/{path}"
    return answer


@replaces(FakeBucket, "delete_from_cloudformation_json")
def keep_buckets_with_objects(_, cls, resource_name, cloudformation_json, account_id, region_name):
    """moto keeps a bucket that isn't empty, but reports it as deleted."""
    if s3_backends[account_id]["aws"].delete_bucket(resource_name) is None:
        raise ValueError(f"The bucket {resource_name} is not empty")
