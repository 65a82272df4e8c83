"""The interpreter's clients of the other services."""

import functools
from typing import Any

import boto3
from botocore.config import Config
from moto.settings import moto_server_port
from moto.stepfunctions.parser.asl.utils import boto_client
from moto.sts.models import sts_backends

from patching import replaces
from principals import check_trust

# Longer than any task may take; the state's own timeout ends it sooner.
_TIMEOUT_SECONDS = 3600


@replaces(boto_client, "boto_client_for")
def call_under_the_role(_, region: str, service: str, state_credentials: Any = None) -> Any:
    """moto makes a client for every task, with made-up credentials and on boto3's
    default session, which threads must not share. AWS works under the role of the
    state machine."""
    return _client(region, service, state_credentials.role_arn)


@functools.cache
def _client(region: str, service: str, role_arn: str) -> Any:
    check_trust("states.amazonaws.com", role_arn)
    credentials = sts_backends[role_arn.split(":")[4]]["aws"].assume_role(
        region_name=region,
        role_session_name="StepFunctions",
        role_arn=role_arn,
        policy="",
        duration=43200,
        external_id="",
    )
    return boto3.session.Session().client(
        service,
        region_name=region,
        # An address rather than a name: S3 then keeps the bucket in the path.
        endpoint_url=f"http://127.0.0.1:{moto_server_port()}",
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        aws_session_token=credentials.session_token,
        config=Config(
            parameter_validation=False,
            retries={"total_max_attempts": 1},
            connect_timeout=_TIMEOUT_SECONDS,
            read_timeout=_TIMEOUT_SECONDS,
            max_pool_connections=100,
        ),
    )
