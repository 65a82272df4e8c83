"""Those who ask something of AWS, and whether IAM lets them.

moto knows the keys of users and of roles' sessions. Here are two more: the
account's root user, and AWS's own services.
"""

import json
import os

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
from moto.utilities.arns import parse_arn

import policies

# The key of the account's root user: its id, and its secret as well.
ROOT_KEY = os.environ["ROOT_KEY"]


class Refusal(ServiceException):
    """AWS's answer to somebody who may not do what they ask for. It has two codes:
    that of services which speak JSON, and that of the others."""

    def __init__(self, codes: tuple[str, str], message: str):
        super().__init__(codes[0], message)
        self.codes = codes


def denial(who: str, action: str, resource: str) -> Refusal:
    return Refusal(
        ("AccessDeniedException", "AccessDenied"),
        f"User: {who} is not authorized to perform: {action} on resource: {resource}",
    )


class Root:
    """The account's root user. No policy binds it; only roles it can't take on. It
    is none of IAM's users: these are what a run is about."""

    arn = f"arn:aws:iam::{ACCOUNT}:root"

    def create_credentials(self) -> Credentials:
        return Credentials(ROOT_KEY, ROOT_KEY)

    def may(self, action: str, resource: str, context: policies.Context) -> bool:
        return action != "sts:AssumeRole"


class Service:
    """A service of AWS, whose name is its key, id and secret. It takes on roles that
    trust it; what it does besides is AWS's own affair. All but Lambda say for whose
    account they do."""

    def __init__(self, name: str):
        self.arn = name
        self._context = {} if name.startswith("lambda.") else {"aws:SourceAccount": ACCOUNT}

    def create_credentials(self) -> Credentials:
        return Credentials(self.arn, self.arn)

    def may(self, action: str, resource: str, context: policies.Context) -> bool:
        return action != "sts:AssumeRole" or _trusts(
            resource, "Service", {self.arn}, self._context
        )


class _Bound:
    """Somebody who may do what policies say."""

    def may(self, action: str, resource: str, context: policies.Context) -> bool:
        try:
            documents = [IAMPolicy(p)._policy_json for p in self.collect_policies()]
        except NotFoundException:
            return False  # The role was deleted while its session lasted.
        return policies.permits(documents, action, resource, context) and (
            action != "sts:AssumeRole"
            or _trusts(resource, "AWS", {self.arn, Root.arn, ACCOUNT}, {})
        )


class User(_Bound, IAMUserAccessKey):
    pass


class Session(_Bound, AssumedRoleAccessKey):
    pass


class _TakenOn(Session):
    """A role that a service has taken on."""

    def __init__(self, role_arn: str, service: str):
        self.account_id, self.partition = ACCOUNT, "aws"
        self._owner_role_name = role_arn.split("/")[-1]
        self._session_name = service.split(".")[0]


def know_root_and_services() -> None:
    """Everybody is known by the key that signed a request."""

    def principal(account_id, partition, access_key_id, headers):
        if access_key_id == ROOT_KEY:
            return Root()
        if access_key_id.endswith(".amazonaws.com"):
            return Service(access_key_id)
        kind = Session if "X-Amz-Security-Token" in headers else User
        return kind(account_id, partition, access_key_id, headers)

    access_control.create_access_key = principal


def check(who, action: str, resource: str) -> None:
    """Raises a Refusal unless somebody may do something, and all that comes with it."""
    for demanded, on, context in _demands(action, resource):
        if not who.may(demanded, on, context):
            raise denial(who.arn, demanded, on)


def demand(service: str, role_arn: str, action: str, resource: str) -> None:
    """The same for what a service does under a role without a request of its own."""
    take_on(service, role_arn)
    check(_TakenOn(role_arn, service), action, resource)


def take_on(service: str, role_arn: str) -> None:
    """Raises a Refusal unless a role trusts a service."""
    check(Service(service), "sts:AssumeRole", role_arn)


def _demands(action: str, resource: str) -> list[tuple[str, str, policies.Context]]:
    of_account = {"aws:ResourceAccount": ACCOUNT, "s3:ResourceAccount": ACCOUNT}
    demands = [(action, resource, of_account)]
    if action == "sns:Publish" and (key := _topic_key(resource)):
        # SNS encrypts in the name of whoever publishes.
        of_topic = {"kms:EncryptionContext:aws:sns:topicArn": resource}
        demands += [(a, key, of_topic) for a in ("kms:GenerateDataKey", "kms:Decrypt")]
    return demands


def _topic_key(topic_arn: str) -> str:
    topic = sns_backends[ACCOUNT][parse_arn(topic_arn).region].topics.get(topic_arn)
    return topic.kms_master_key_id if topic else ""


def _trusts(
    role_arn: str, kind: str, names: set[str], context: policies.Context
) -> bool:
    try:
        role = iam_backends[ACCOUNT]["aws"].get_role_by_arn(role_arn)
    except NotFoundException:
        return False
    document = json.loads(role.assume_role_policy_document)
    return policies.trusts(document, kind, names, context)


MENDS = (know_root_and_services,)
