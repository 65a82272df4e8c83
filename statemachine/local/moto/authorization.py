"""IAM between every request and its answer.

moto asks IAM about a request's action on objects of S3 or on the resource `*`, so
that it refuses whatever a policy allows on a resource that it names.
"""

from urllib.parse import unquote

from flask import request
from moto import settings
from moto.awslambda.responses import LambdaResponse
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model
from moto.iam.access_control import IAMRequest, IAMRequestBase, S3IAMRequest
from moto.s3.exceptions import (
    BucketAccessDeniedError,
    MissingBucket,
    S3AccessDeniedError,
)
from moto.s3.responses import S3Response
from moto.sns.responses import SNSResponse
from moto.ssm.responses import SimpleSystemManagerResponse
from moto.stepfunctions.responses import StepFunctionResponse

from principals import Refusal, check

# IAM's name of an action, where it is not the operation's.
_ACTIONS = {"lambda:Invoke": "lambda:InvokeFunction"}


def ask_iam() -> None:
    """moto asks IAM about nothing until it is told to."""
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0


def check_by_resource() -> None:
    """A request is checked on each resource that it is about."""

    def check_action_permitted(self, resource: str | list[str]) -> None:
        action = _ACTIONS.get(self._action, self._action)
        if action == "sts:GetCallerIdentity":
            return  # Nobody can be kept from it.
        for one in [resource] if isinstance(resource, str) else resource:
            check(self._access_key, action, one)

    def check_s3_action_permitted(self, resource: str) -> None:
        try:
            check_action_permitted(self, resource)
        except Refusal as refusal:
            bucket = self._data.get("BucketName")
            error = BucketAccessDeniedError(bucket) if bucket else S3AccessDeniedError()
            error.message = refusal.message
            raise error from refusal

    IAMRequestBase.check_action_permitted = check_action_permitted
    S3IAMRequest.check_action_permitted = check_s3_action_permitted


def name_resources() -> None:
    """moto asks a service which resource a request is about. These are the services
    whose resources the policies here name."""
    LambdaResponse._determine_resource = _function
    SNSResponse._determine_resource = lambda self: self._get_param("TopicArn") or "*"
    SimpleSystemManagerResponse._determine_resource = _parameters
    StepFunctionResponse._determine_resource = _execution_or_machine


def _function(self) -> str:
    name = unquote(self.raw_path.partition("/functions/")[2].split("/")[0])
    if not name or name.startswith("arn:"):
        return name or "*"
    return f"arn:aws:lambda:{self.region}:{self.current_account}:function:{name}"


def _parameters(self) -> str | list[str]:
    names = self._get_param("Names") or [self._get_param("Name")]
    prefix = f"arn:aws:ssm:{self.region}:{self.current_account}:parameter/"
    return [prefix + name.lstrip("/") for name in names if name] or "*"


def _execution_or_machine(self) -> str:
    named = map(self._get_param, ("executionArn", "stateMachineArn", "mapRunArn"))
    return next(filter(None, named), "*")


def check_what_was_sent() -> None:
    """A signature is about a request as it was sent. moto has decoded the path and
    the query by then, takes the query for the body where there is none, and has no
    answer for a request that nobody signed."""
    authorize = ActionAuthenticatorMixin._authenticate_and_authorize_action
    aws_request = IAMRequestBase._create_aws_request

    def authorize_as_sent(self, request_class, resource="*"):
        if not self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 "):
            if request_class is S3IAMRequest:
                raise S3AccessDeniedError()
            code = "MissingAuthenticationToken"
            raise Refusal((code + "Exception", code), "Nobody signed the request")
        decoded, self.uri = self.uri, request.environ["RAW_URI"]
        try:
            authorize(self, request_class, resource)
        finally:
            self.uri = decoded

    def aws_request_as_sent(self):
        made = aws_request(self)
        if not self._body and self._headers.get("Content-Length", "0") == "0":
            made.data = b""
        return made

    ActionAuthenticatorMixin._authenticate_and_authorize_action = authorize_as_sent
    IAMRequestBase._create_aws_request = aws_request_as_sent


def answer_in_the_protocol() -> None:
    """moto refuses in XML whoever speaks JSON."""
    call_action = BaseResponse.call_action

    def call_or_refuse(self):
        try:
            return call_action(self)
        except Refusal as refusal:
            protocol = get_service_model(self.boto3_service_name).protocol
            refusal.code = refusal.codes[0 if "json" in protocol else 1]
            _, headers, body = self.serialized(ActionResult(refusal))
            headers, body = self._enrich_response(headers, body)
            return 400 if protocol == "json" else 403, headers, body

    def refuse_key(self, _):
        raise Refusal(
            ("UnrecognizedClientException", "InvalidClientTokenId"),
            "The security token included in the request is invalid",
        )

    def refuse_signature(self):
        raise Refusal(
            ("InvalidSignatureException", "SignatureDoesNotMatch"),
            "The signature is not the one that the key gives this request",
        )

    BaseResponse.call_action = call_or_refuse
    IAMRequest._raise_invalid_access_key = refuse_key
    IAMRequest._raise_signature_does_not_match = refuse_signature


def hide_missing_objects() -> None:
    """S3 tells that an object is missing only to those who may list its bucket:
    "GetObject" in its API reference."""
    authorize = S3Response._authenticate_and_authorize_s3_action

    def authorize_reading(self, bucket_name=None, key_name=None):
        authorize(self, bucket_name, key_name)
        if self.data.get("Action") != "GetObject":
            return
        try:
            missing = self.backend.get_object(bucket_name, key_name) is None
        except MissingBucket:
            return
        if missing:
            self.data["Action"] = "ListBucket"
            authorize(self, bucket_name)
            self.data["Action"] = "GetObject"

    S3Response._authenticate_and_authorize_s3_action = authorize_reading


def leave_invoking_to_the_gateway() -> None:
    """Functions run behind the gateway, which asks here whether somebody may invoke
    one."""
    LambdaResponse.invoke = lambda self: (204, {"status": 204}, "")


MENDS = (
    ask_iam,
    check_by_resource,
    name_resources,
    check_what_was_sent,
    answer_in_the_protocol,
    hide_missing_objects,
    leave_invoking_to_the_gateway,
)
