"""The interpreter's AWS clients.

moto makes a new client for every task, on boto3's default session (which
threads must not share) and with made-up credentials. AWS works under the state
machine's role, so here a client belongs to a role, and is made once.
"""

import threading
from typing import Any

import boto3
from botocore.config import Config
from moto.settings import moto_server_port
from moto.stepfunctions.parser.asl.utils import boto_client

from principals import take_on

_lock = threading.Lock()
_clients: dict[tuple[str, str, str | None], Any] = {}

# Longer than any task may take; the state's own timeout ends it sooner.
_TIMEOUT_SECONDS = 3600


def client_for(region: str, service: str, state_credentials: Any = None) -> Any:
    role = state_credentials.role_arn if state_credentials else None
    with _lock:
        key = (region, service, role)
        if key not in _clients:
            _clients[key] = _new_client(region, service, role)
        return _clients[key]


def _new_client(region: str, service: str, role: str | None) -> Any:
    return boto3.session.Session().client(
        service,
        region_name=region,
        # An address rather than a name: S3 then keeps the bucket in the path.
        endpoint_url=f"http://127.0.0.1:{moto_server_port()}",
        config=Config(
            parameter_validation=False,
            retries={"total_max_attempts": 1},
            connect_timeout=_TIMEOUT_SECONDS,
            read_timeout=_TIMEOUT_SECONDS,
            max_pool_connections=100,
        ),
        **_credentials(region, role),
    )


def _credentials(region: str, role: str | None) -> dict[str, str]:
    if role is None:
        return {"aws_access_key_id": "none", "aws_secret_access_key": "none"}

    from moto.sts.models import sts_backends

    take_on("states.amazonaws.com", role)
    session = sts_backends[role.split(":")[4]]["aws"].assume_role(
        region_name=region,
        role_session_name="StepFunctions",
        role_arn=role,
        policy="",
        duration=43200,
        external_id="",
    )
    return {
        "aws_access_key_id": session.access_key_id,
        "aws_secret_access_key": session.secret_access_key,
        "aws_session_token": session.session_token,
    }


boto_client.boto_client_for = client_for
