"""AWS Transfer Family's servers and service-managed users.

moto lacks the operations that change and list users, takes whatever it is given, and
fails on servers that don't exist. statemachine/local/transfer has the logins.
"""

import json
import time
from base64 import b64decode, b64encode
from typing import Any

from moto.iam.access_control import create_access_key
from moto.moto_api._internal import mock_random
from moto.transfer.models import TransferBackend
from moto.transfer.responses import TransferResponse
from moto.transfer.types import Server, User

from patching import replaces
from principals import check
from transfer_requests import (
    InvalidNextToken,
    InvalidRequest,
    Parameters,
    ResourceExists,
    ResourceNotFound,
    check_user,
    read_parameters,
)

# What a request may leave out: "CreateServer" in the API reference.
_SERVER_DEFAULTS = {
    "domain": "S3",
    "endpoint_type": "PUBLIC",
    "identity_provider_type": "SERVICE_MANAGED",
    "protocols": ["SFTP"],
}


@replaces(TransferBackend, "create_server")
def fill_in_server_defaults(create_server, self, **parameters):
    """moto describes only what was given."""
    given = {name: value for name, value in parameters.items() if value}
    return create_server(self, **parameters | _SERVER_DEFAULTS | given)


@replaces(TransferResponse, "describe_server")
def describe_existing_server(describe_server, self):
    """moto fails if there is none."""
    _find_server(self, _read(self, "DescribeServer"))
    return describe_server(self)


@replaces(TransferResponse, "delete_server")
def delete_existing_server(delete_server, self):
    """moto fails if there is none."""
    _find_server(self, _read(self, "DeleteServer"))
    return delete_server(self)


@replaces(TransferResponse, "start_server")
def start_server(_, self):
    """moto has no such operation. On AWS it takes some time."""
    _find_server(self, _read(self, "StartServer")).state = "ONLINE"
    return "{}"


@replaces(TransferResponse, "stop_server")
def stop_server(_, self):
    """moto has no such operation. On AWS it takes some time."""
    _find_server(self, _read(self, "StopServer")).state = "OFFLINE"
    return "{}"


@replaces(TransferResponse, "create_user")
def create_new_user(_, self):
    """moto checks nothing, and creates users twice."""
    given = _read(self, "CreateUser")
    server, name = _find_managing_server(self, given), given["UserName"]
    if _lookup(server, name):
        raise ResourceExists(f"User {name} already exists", "User", name)
    user = User(
        region_name=self.region,
        account_id=self.current_account,
        server_id=server.server_id,
        home_directory=None,
        home_directory_type="PATH",
        policy=None,
        role=given["Role"],
        user_name=name,
        tags=given.get("Tags", []),
    )
    _change(self, server, user, given)
    if "SshPublicKeyBody" in given:
        _add_key(user, given["SshPublicKeyBody"])
    server._users.append(user)
    server.user_count += 1
    return _name(user)


@replaces(TransferResponse, "update_user")
def update_user(_, self):
    """moto has no such operation. What a request leaves out stays as it is."""
    given = _read(self, "UpdateUser")
    server = _find_managing_server(self, given)
    user = _find_user(server, given)
    _change(self, server, user, given)
    return _name(user)


@replaces(TransferResponse, "describe_user")
def describe_existing_user(describe_user, self):
    """moto has another code for a user that doesn't exist."""
    given = _read(self, "DescribeUser")
    _find_user(_find_managing_server(self, given), given)
    return describe_user(self)


@replaces(User, "to_dict")
def leave_out_unset_properties(to_dict, self):
    """moto describes them as null or empty, and times as text, which clients refuse."""
    user = to_dict(self)
    for key in user["SshPublicKeys"]:
        key["DateImported"] = float(key["DateImported"])
    user["HomeDirectoryMappings"] = [_without_unset(m) for m in user["HomeDirectoryMappings"]]
    user["PosixProfile"] = _without_unset(user["PosixProfile"])
    # Keys and tags are there even when there are none.
    kept = {"SshPublicKeys", "Tags"}
    return {name: value for name, value in user.items() if name in kept or value}


@replaces(TransferResponse, "delete_user")
def delete_existing_user(delete_user, self):
    """moto has another code for a user that doesn't exist."""
    given = _read(self, "DeleteUser")
    _find_user(_find_managing_server(self, given), given)
    return delete_user(self)


@replaces(TransferResponse, "list_users")
def list_users(_, self):
    """moto has no such operation."""
    given = _read(self, "ListUsers")
    server = _find_managing_server(self, given)
    after = decode_token(given["NextToken"]) if "NextToken" in given else ""
    left = sorted((u for u in server._users if u.user_name > after), key=lambda u: u.user_name)
    size = given.get("MaxResults", 1000)
    answer = {"ServerId": server.server_id, "Users": [_summary(u) for u in left[:size]]}
    if len(left) > size:
        answer["NextToken"] = b64encode(left[size - 1].user_name.encode()).decode()
    return json.dumps(answer)


@replaces(TransferResponse, "import_ssh_public_key")
def import_new_key(_, self):
    """moto imports keys twice, and gives them ids that no request may have."""
    given = _read(self, "ImportSshPublicKey")
    user = _find_user(_find_managing_server(self, given), given)
    return _name(user, SshPublicKeyId=_add_key(user, given["SshPublicKeyBody"]))


@replaces(TransferResponse, "delete_ssh_public_key")
def delete_existing_key(delete_key, self):
    """moto has another code for a key that doesn't exist."""
    given = _read(self, "DeleteSshPublicKey")
    user = _find_user(_find_managing_server(self, given), given)
    key = given["SshPublicKeyId"]
    if not any(k["ssh_public_key_id"] == key for k in user.ssh_public_keys):
        raise ResourceNotFound("Unknown key", "SshPublicKey", key)
    return delete_key(self)


def _read(response: TransferResponse, operation: str) -> Parameters:
    return read_parameters(operation, response.body)


def _find_server(response: TransferResponse, given: Parameters) -> Server:
    name = given["ServerId"]
    if name not in response.transfer_backend.servers:
        raise ResourceNotFound("Unknown server", "Server", name)
    return response.transfer_backend.servers[name]


def _find_managing_server(response: TransferResponse, given: Parameters) -> Server:
    """Finds a server that has users of its own: "CreateUser" in the API reference."""
    server = _find_server(response, given)
    if server.identity_provider_type != "SERVICE_MANAGED":
        raise InvalidRequest(
            f"The server's identity provider type is {server.identity_provider_type}, "
            "and only SERVICE_MANAGED servers have users"
        )
    return server


def _find_user(server: Server, given: Parameters) -> User:
    user = _lookup(server, given["UserName"])
    if not user:
        raise ResourceNotFound("Unknown user", "User", given["UserName"])
    return user


def _lookup(server: Server, name: str) -> User | None:
    return next((u for u in server._users if u.user_name == name), None)


def _change(response: TransferResponse, server: Server, user: User, given: Parameters) -> None:
    """Gives a user the properties that a request has."""
    check_user(given, user.to_dict(), server.domain)
    # "Actions, resources, and condition keys for AWS Transfer Family" names iam:PassRole
    # for both operations, whether or not an update has a role.
    role = given.get("Role", user.role)
    check_pass_role(response, role)
    user.role = role
    if "HomeDirectory" in given:
        user.home_directory = _expand(given["HomeDirectory"], user)
    if "HomeDirectoryType" in given:
        user.home_directory_type = given["HomeDirectoryType"]
    if "HomeDirectoryMappings" in given:
        user.home_directory_mappings = [
            {"entry": m["Entry"], "target": _expand(m["Target"], user), "type": m.get("Type")}
            for m in given["HomeDirectoryMappings"]
        ]
    if "Policy" in given:
        user.policy = given["Policy"]
    if profile := given.get("PosixProfile"):
        names = {"uid": "Uid", "gid": "Gid", "secondary_gids": "SecondaryGids"}
        user.posix_profile = {ours: profile.get(theirs) for ours, theirs in names.items()}


def _expand(path: str, user: User) -> str:
    """AWS stores the name in place of its variable: issue 27012 of Terraform's AWS
    provider."""
    return path.replace("${transfer:UserName}", user.user_name)


def check_pass_role(response: TransferResponse, role: str) -> None:
    scope = response.headers["Authorization"].partition("Credential=")[2]
    principal = create_access_key(
        response.current_account, response.partition, scope.split("/")[0], response.headers
    )
    check(principal, "iam:PassRole", role, {"iam:PassedToService": "transfer.amazonaws.com"})


def _add_key(user: User, body: str) -> str:
    body = body.strip()
    if any(k["ssh_public_key_body"].split()[:2] == body.split()[:2] for k in user.ssh_public_keys):
        raise ResourceExists("The key was imported before", "SshPublicKey", user.user_name)
    key = f"key-{mock_random.get_random_hex(17)}"
    user.ssh_public_keys.append(
        {"ssh_public_key_id": key, "ssh_public_key_body": body, "date_imported": str(time.time())}
    )
    return key


def _name(user: User, **more: str) -> str:
    return json.dumps({"ServerId": user.server_id, "UserName": user.user_name} | more)


def _summary(user: User) -> dict[str, Any]:
    described = user.to_dict()
    listed = ("Arn", "HomeDirectory", "HomeDirectoryType", "Role", "UserName")
    summary = {name: described[name] for name in listed if name in described}
    return summary | {"SshPublicKeyCount": len(user.ssh_public_keys)}


def decode_token(token: str) -> str:
    try:
        return b64decode(token, validate=True).decode()
    except ValueError:
        raise InvalidNextToken("The NextToken is not valid") from None


def _without_unset(properties: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}
