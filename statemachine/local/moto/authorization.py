"""Has IAM check every request, on the resources that it names.

moto checks an action on objects of S3 or on the resource `*`, and so refuses whatever
a policy permits on a resource that it names.
"""

from urllib.parse import unquote

import xmltodict
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
from moto.transfer.responses import TransferResponse

from patching import replaces
from principals import RequestError, check

# IAM's name of an action, where it is not the operation's.
_ACTIONS = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
}


@replaces(IAMRequestBase, "check_action_permitted")
def check_each_resource(_, self, resource: str | list[str]) -> None:
    """Checks a request on every resource that it names."""
    action = _ACTIONS.get(self._action, self._action)
    if action == "sts:GetCallerIdentity":
        return  # No policy can deny it.
    for one in [resource] if isinstance(resource, str) else resource:
        check(self._access_key, action, one)


@replaces(S3IAMRequest, "check_action_permitted")
def raise_errors_of_s3(check_action_permitted, self, resource: str) -> None:
    """S3 answers with its own errors, which moto keeps apart."""
    try:
        check_action_permitted(self, resource)
    except RequestError as denied:
        bucket = self._data.get("BucketName")
        error = BucketAccessDeniedError(bucket) if bucket else S3AccessDeniedError()
        error.message = denied.message
        raise error from denied


@replaces(S3Response, "_bucket_response_delete_keys")
def check_each_deleted_object(delete_keys, self, bucket_name, authenticated=True):
    """moto asks whether the bucket, and not whether its objects may be deleted. If one of
    them may not, none is deleted here; AWS deletes the others."""
    objects = xmltodict.parse(self.body, strip_whitespace=False)["Delete"].get("Object", [])
    try:
        for item in objects if isinstance(objects, list) else [objects]:
            self._authenticate_and_authorize_s3_action(
                bucket_name=bucket_name, key_name=item["Key"]
            )
    except S3AccessDeniedError:
        return delete_keys(self, bucket_name, authenticated=False)
    return delete_keys(self, bucket_name)


# moto asks a service which resource a request names. Here are the services whose
# resources this project's policies name.


@replaces(LambdaResponse, "_determine_resource")
def determine_function(_, self) -> str:
    name = unquote(self.raw_path.partition("/functions/")[2].split("/")[0])
    if not name or name.startswith("arn:"):
        return name or "*"
    return f"arn:aws:lambda:{self.region}:{self.current_account}:function:{name}"


@replaces(SNSResponse, "_determine_resource")
def determine_topic(_, self) -> str:
    return self._get_param("TopicArn") or "*"


@replaces(SimpleSystemManagerResponse, "_determine_resource")
def determine_parameters(_, self) -> str | list[str]:
    names = self._get_param("Names") or [self._get_param("Name") or self._get_param("Path")]
    prefix = f"arn:aws:ssm:{self.region}:{self.current_account}:parameter/"
    return [prefix + name.lstrip("/") for name in names if name] or "*"


@replaces(StepFunctionResponse, "_determine_resource")
def determine_execution_or_machine(_, self) -> str:
    named = map(self._get_param, ("executionArn", "stateMachineArn", "mapRunArn"))
    return next(filter(None, named), "*")


@replaces(TransferResponse, "_determine_resource")
def determine_transfer_resource(_, self) -> str:
    # "Actions, resources, and condition keys for AWS Transfer Family" in the service
    # authorization reference.
    server, user = self._get_param("ServerId"), self._get_param("UserName")
    if connector := self._get_param("ConnectorId"):
        kind = f"connector/{connector}"
    elif server:
        of_user = user and self._get_action() != "CreateUser"
        kind = f"user/{server}/{user}" if of_user else f"server/{server}"
    else:
        return "*"
    return f"arn:aws:transfer:{self.region}:{self.current_account}:{kind}"


@replaces(ActionAuthenticatorMixin, "_authenticate_and_authorize_action")
def refuse_unsigned_requests(authorize, self, request_class, resource="*"):
    """moto fails with an exception on a request without a signature."""
    if self.headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 "):
        authorize(self, request_class, resource)
    elif request_class is S3IAMRequest:
        raise S3AccessDeniedError()
    else:
        code = "MissingAuthenticationToken"
        raise RequestError(code + "Exception", code, "The request is not signed")


@replaces(IAMRequestBase, "_create_aws_request")
def verify_signatures_of_empty_bodies(create_aws_request, self):
    """moto takes the query for the body of a request that has none."""
    aws_request = create_aws_request(self)
    if self._headers.get("Content-Length", "0") == "0":
        aws_request.data = b""
    return aws_request


@replaces(BaseResponse, "call_action")
def answer_in_the_protocol(call_action, self):
    """moto refuses requests in XML, also where the service speaks JSON."""
    try:
        return call_action(self)
    except RequestError as error:
        protocol = get_service_model(self.boto3_service_name).protocol
        error.code = error.json_code if "json" in protocol else error.xml_code
        _, headers, body = self.serialized(ActionResult(error))
        headers, body = self._enrich_response(headers, body)
        return 400 if protocol == "json" else 403, headers, body


@replaces(IAMRequest, "_raise_invalid_access_key")
def refuse_unknown_keys(_, self, reason):
    """moto has no code for services that speak JSON."""
    raise RequestError(
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "The security token included in the request is invalid",
    )


@replaces(IAMRequest, "_raise_signature_does_not_match")
def refuse_wrong_signatures(_, self):
    """moto has no code for services that speak JSON."""
    raise RequestError(
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "The signature is not the one that the key gives this request",
    )


@replaces(S3Response, "get_object")
def hide_missing_objects(get_object, self):
    """S3 tells that an object is missing only to those who may list its bucket:
    "GetObject" in its API reference."""
    try:
        return get_object(self)
    except MissingKey:
        self.data["Action"] = "ListBucket"
        self._authenticate_and_authorize_s3_action(self.bucket_name)
        self.data["Action"] = "GetObject"
        raise


@replaces(LambdaResponse, "invoke")
def leave_invoking_to_the_gateway(_, self):
    """The gateway invokes functions itself, if this server answers that the caller is
    permitted to."""
    return 204, {"status": 204}, ""
