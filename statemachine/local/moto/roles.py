"""Roles, with their policies, as templates have them."""

import json

from moto.iam.models import Role, _serialize_version_datetime


def keep_policies_as_text() -> None:
    """moto keeps a template's policy as the template has it, and then can't read
    it: everywhere else a policy is text."""
    put_policy = Role.put_policy
    Role.put_policy = lambda self, name, policy: put_policy(self, name, _text(policy))


def update_policies() -> None:
    """moto's update of a role leaves its policies as they were."""
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


def _text(policy) -> str:
    if isinstance(policy, str):
        return policy
    return json.dumps(policy, default=_serialize_version_datetime)


MENDS = (keep_policies_as_text, update_policies)
