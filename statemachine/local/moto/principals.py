"""Principals that send requests to AWS, and whether IAM permits what they ask for.

moto knows IAM users and the sessions of roles. Here are two more: the account's root
user, and AWS's own services.
"""

import json
import os
from datetime import datetime, timezone

from moto.core import DEFAULT_ACCOUNT_ID as ACCOUNT
from moto.core.exceptions import ServiceException
from moto.iam import access_control
from moto.iam.access_control import (
    AssumedRoleAccessKey,
    Credentials,
    IAMPolicy,
    IAMUserAccessKey,
)
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends
from moto.sns.models import sns_backends
from moto.sts.models import AssumedRole, sts_backends
from moto.utilities.arns import parse_arn

import policies
from patching import replaces

# The key of the account's root user: its id, and its secret as well.
ROOT_KEY = os.environ["ROOT_KEY"]


class RequestError(ServiceException):
    """AWS's answer to a request that is not permitted or not signed right. It has two
    codes: one for services that speak JSON, one for the others."""

    def __init__(self, json_code: str, xml_code: str, message: str):
        super().__init__(json_code, message)
        self.json_code = json_code
        self.xml_code = xml_code


class Root:
    """The account's root user, which is none of IAM's users. No policy binds it; it
    may only not assume roles."""

    arn = f"arn:aws:iam::{ACCOUNT}:root"

    def create_credentials(self) -> Credentials:
        return Credentials(ROOT_KEY, ROOT_KEY)

    def is_permitted(self, action: str, resource: str, context: policies.Context) -> bool:
        return action != "sts:AssumeRole"


class Service:
    """A service of AWS, whose name is its key, id and secret. It assumes roles that
    trust it; nothing else that it does is checked."""

    def __init__(self, name: str, source_arn: str | None = None):
        self.arn = name
        # All but Lambda tell for which account they assume a role. Some also tell for
        # which resource.
        self._context = {} if name.startswith("lambda.") else {"aws:SourceAccount": ACCOUNT}
        if source_arn:
            self._context["aws:SourceArn"] = source_arn

    def create_credentials(self) -> Credentials:
        return Credentials(self.arn, self.arn)

    def is_permitted(self, action: str, resource: str, context: policies.Context) -> bool:
        return action != "sts:AssumeRole" or _trusts(resource, "Service", {self.arn}, self._context)


class _BoundByPolicies:
    def is_permitted(self, action: str, resource: str, context: policies.Context) -> bool:
        try:
            documents = [IAMPolicy(p)._policy_json for p in self.collect_policies()]
        except NotFoundException:
            return False  # The role was deleted while its session lasted.
        return policies.permits(documents, action, resource, context) and (
            action != "sts:AssumeRole"
            or _trusts(resource, "AWS", {self.arn, Root.arn, ACCOUNT}, {})
        )


class User(_BoundByPolicies, IAMUserAccessKey):
    pass


class _RoleSession(_BoundByPolicies, AssumedRoleAccessKey):
    pass


class Session(_RoleSession):
    """A session of a role, which may do what both the role's policies and its own
    allow: "Session policies" in the IAM user guide."""

    def __init__(self, account_id, partition, access_key_id, headers):
        super().__init__(account_id, partition, access_key_id, headers)
        sts = sts_backends[account_id][partition]
        self._session = sts.get_assumed_role_from_access_key(access_key_id)

    def is_permitted(self, action: str, resource: str, context: policies.Context) -> bool:
        context = context | {
            "aws:userid": self._session.user_id,
            "aws:TokenIssueTime": self._session.issued.isoformat(),
        }
        own = self._session.policy
        return super().is_permitted(action, resource, context) and (
            not own or policies.permits([json.loads(own)], action, resource, context)
        )


@replaces(AssumedRole, "__init__")
def note_issue_time(init, self, *args, **kwargs):
    """moto forgets when a session began, by which policies can end older ones."""
    init(self, *args, **kwargs)
    self.issued = datetime.now(timezone.utc)


class _ServiceSession(_RoleSession):
    """A service's session of a role, which needs no key."""

    def __init__(self, role_arn: str, service: str):
        self.account_id, self.partition = ACCOUNT, "aws"
        self._owner_role_name = role_arn.split("/")[-1]
        self._session_name = service.split(".")[0]


@replaces(access_control, "create_access_key")
def identify_principals(_, account_id, partition, access_key_id, headers):
    """Finds the principal of a request by the key that signed it."""
    if access_key_id == ROOT_KEY:
        return Root()
    if access_key_id.endswith(".amazonaws.com"):
        return Service(access_key_id, headers.get("X-Amz-Source-Arn"))
    kind = Session if "X-Amz-Security-Token" in headers else User
    return kind(account_id, partition, access_key_id, headers)


def check(principal, action: str, resource: str, context: policies.Context = {}) -> None:
    """Raises a RequestError unless a principal is permitted an action, and all that
    comes with it."""
    of_account = {"aws:ResourceAccount": ACCOUNT, "s3:ResourceAccount": ACCOUNT}
    required = [(action, resource, of_account | context)]
    if action == "sns:Publish" and (key := _topic_key(resource)):
        # SNS encrypts in the name of the publisher.
        of_topic = {"kms:EncryptionContext:aws:sns:topicArn": resource}
        required += [(a, key, of_topic) for a in ("kms:GenerateDataKey", "kms:Decrypt")]
    for each, on, known in required:
        if not principal.is_permitted(each, on, known):
            raise RequestError(
                "AccessDeniedException",
                "AccessDenied",
                f"User: {principal.arn} is not authorized to perform: {each} on resource: {on}",
            )


def check_service_role(service: str, role_arn: str, action: str, resource: str) -> None:
    """Does the same for what a service does under a role without a request of its own."""
    check_trust(service, role_arn)
    check(_ServiceSession(role_arn, service), action, resource)


def check_trust(service: str, role_arn: str) -> None:
    """Raises a RequestError unless a role trusts a service."""
    check(Service(service), "sts:AssumeRole", role_arn)


def _topic_key(topic_arn: str) -> str:
    topic = sns_backends[ACCOUNT][parse_arn(topic_arn).region].topics.get(topic_arn)
    return topic.kms_master_key_id if topic else ""


def _trusts(role_arn: str, kind: str, names: set[str], context: policies.Context) -> bool:
    try:
        role = iam_backends[ACCOUNT]["aws"].get_role_by_arn(role_arn)
    except NotFoundException:
        return False
    document = json.loads(role.assume_role_policy_document)
    return policies.trusts(document, kind, names, context)
