"""Has IAM check every request, on the resources that it names.

moto checks an action on objects of S3 or on the resource `*`, and so refuses whatever
a policy permits on a resource that it names.
"""

from urllib.parse import unquote

from moto.awslambda.responses import LambdaResponse
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model
from moto.iam.access_control import IAMRequest, IAMRequestBase, S3IAMRequest
from moto.s3.exceptions import (
    BucketAccessDeniedError,
    MissingKey,
    S3AccessDeniedError,
)
from moto.s3.responses import S3Response
from moto.sns.responses import SNSResponse
from moto.ssm.responses import SimpleSystemManagerResponse
from moto.stepfunctions.responses import StepFunctionResponse

from principals import RequestError, check

# IAM's name of an action, where it is not the operation's.
_ACTIONS = {"lambda:Invoke": "lambda:InvokeFunction"}


def check_each_resource() -> None:
    """Checks a request on every resource that it names."""

    def check_action_permitted(self, resource: str | list[str]) -> None:
        action = _ACTIONS.get(self._action, self._action)
        if action == "sts:GetCallerIdentity":
            return  # No policy can deny it.
        for one in [resource] if isinstance(resource, str) else resource:
            check(self._access_key, action, one)

    def check_s3_action_permitted(self, resource: str) -> None:
        try:
            check_action_permitted(self, resource)
        except RequestError as denied:
            bucket = self._data.get("BucketName")
            error = BucketAccessDeniedError(bucket) if bucket else S3AccessDeniedError()
            error.message = denied.message
            raise error from denied

    IAMRequestBase.check_action_permitted = check_action_permitted
    S3IAMRequest.check_action_permitted = check_s3_action_permitted


def determine_resources() -> None:
    """moto asks a service which resource a request names. Here are the services whose
    resources this project's policies name."""
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


def refuse_unsigned_requests() -> None:
    """moto fails with an exception on a request without a signature."""
    authorize = ActionAuthenticatorMixin._authenticate_and_authorize_action

    def authorize_if_signed(self, request_class, resource="*"):
        if self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 "):
            authorize(self, request_class, resource)
        elif request_class is S3IAMRequest:
            raise S3AccessDeniedError()
        else:
            code = "MissingAuthenticationToken"
            raise RequestError(code + "Exception", code, "The request is not signed")

    ActionAuthenticatorMixin._authenticate_and_authorize_action = authorize_if_signed


def verify_signatures_of_empty_bodies() -> None:
    """moto takes the query for the body of a request that has none."""
    create_aws_request = IAMRequestBase._create_aws_request

    def aws_request_with_body(self):
        aws_request = create_aws_request(self)
        if self._headers.get("Content-Length", "0") == "0":
            aws_request.data = b""
        return aws_request

    IAMRequestBase._create_aws_request = aws_request_with_body


def answer_in_the_protocol() -> None:
    """moto answers requests that are not permitted in XML, also where the service
    speaks JSON."""
    call_action = BaseResponse.call_action

    def call_or_answer(self):
        try:
            return call_action(self)
        except RequestError as error:
            protocol = get_service_model(self.boto3_service_name).protocol
            error.code = error.json_code if "json" in protocol else error.xml_code
            _, headers, body = self.serialized(ActionResult(error))
            headers, body = self._enrich_response(headers, body)
            return 400 if protocol == "json" else 403, headers, body

    def raise_error(*codes_and_message: str):
        def method(self, *_):
            raise RequestError(*codes_and_message)

        return method

    BaseResponse.call_action = call_or_answer
    IAMRequest._raise_invalid_access_key = raise_error(
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "The security token included in the request is invalid",
    )
    IAMRequest._raise_signature_does_not_match = raise_error(
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "The signature is not the one that the key gives this request",
    )


def hide_missing_objects() -> None:
    """S3 tells that an object is missing only to those who may list its bucket:
    "GetObject" in its API reference."""
    get_object = S3Response.get_object

    def get_object_or_deny(self):
        try:
            return get_object(self)
        except MissingKey:
            self.data["Action"] = "ListBucket"
            self._authenticate_and_authorize_s3_action(self.bucket_name)
            self.data["Action"] = "GetObject"
            raise

    S3Response.get_object = get_object_or_deny


def leave_invoking_to_the_gateway() -> None:
    """The gateway invokes functions itself, if this server answers that the caller is
    permitted to."""
    LambdaResponse.invoke = lambda self: (204, {"status": 204}, "")


PATCHES = (
    check_each_resource,
    determine_resources,
    refuse_unsigned_requests,
    verify_signatures_of_empty_bodies,
    answer_in_the_protocol,
    hide_missing_objects,
    leave_invoking_to_the_gateway,
)
