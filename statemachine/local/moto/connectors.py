"""AWS Transfer Family's SFTP connectors, as its API describes them.

moto takes whatever it is given, and has none of the operations by which connectors do
something. This server authorizes those and checks their parameters; then
statemachine/local/connectors carries them out.

Sources: "CreateConnector" in the Transfer API reference, and "Scaling and limits for SFTP
connectors" in the user guide.
"""

import json
import re
from base64 import b64decode, b64encode
from typing import Any

from moto.core.common_models import CloudFormationModel
from moto.transfer.models import TransferBackend, transfer_backends
from moto.transfer.responses import TransferResponse
from moto.transfer.types import Connector

from patching import replaces
from transfer import check_pass_role, decode_token
from transfer_requests import InvalidRequest, Parameters, ResourceNotFound, read_parameters

_URL = re.compile(r"sftp://[A-Za-z0-9.-]+(:\d{1,5})?/?")
_KEY_TYPES = ("ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
_SECURITY_POLICY = "TransferSFTPConnectorSecurityPolicy-2024-03"
_MAX_CONNECTIONS = 5
_MAX_ITEMS = 200_000


@replaces(TransferResponse, "create_connector")
def create_checked_connector(_, self):
    """moto checks nothing."""
    given = read_parameters("CreateConnector", self.body)
    _check_roles(self, given)
    return json.dumps({"ConnectorId": _create(self.transfer_backend, given).connector_id})


@replaces(TransferResponse, "describe_connector")
def describe_existing_connector(_, self):
    """moto has another code for a connector that doesn't exist."""
    connector = _find_connector(self, read_parameters("DescribeConnector", self.body))
    return json.dumps({"Connector": connector.to_dict()})


@replaces(TransferResponse, "update_connector")
def update_checked_connector(_, self):
    """moto checks nothing."""
    given = read_parameters("UpdateConnector", self.body)
    connector = _find_connector(self, given)
    _check_roles(self, {"AccessRole": connector.access_role} | given)
    _change(connector, given)
    return json.dumps({"ConnectorId": connector.connector_id})


@replaces(TransferResponse, "delete_connector")
def delete_existing_connector(_, self):
    """moto has another code for a connector that doesn't exist."""
    connector = _find_connector(self, read_parameters("DeleteConnector", self.body))
    del self.transfer_backend.connectors[connector.connector_id]
    return "{}"


@replaces(TransferResponse, "list_connectors")
def list_connectors_in_pages(_, self):
    """moto lists all at once."""
    given = read_parameters("ListConnectors", self.body)
    after = decode_token(given["NextToken"]) if "NextToken" in given else ""
    connectors = self.transfer_backend.connectors
    left = sorted(name for name in connectors if name > after)
    size = given.get("MaxResults", 1000)
    answer: dict[str, Any] = {"Connectors": [connectors[n].to_short_dict() for n in left[:size]]}
    if len(left) > size:
        answer["NextToken"] = b64encode(left[size - 1].encode()).decode()
    return json.dumps(answer)


@replaces(Connector, "to_dict")
def describe_status(to_dict, self):
    """moto leaves out what each connector has."""
    return to_dict(self) | {
        "EgressType": "SERVICE_MANAGED",
        "IpAddressType": "IPV4",
        "Status": "ACTIVE",
        "Tags": self.tags,
    }


@replaces(TransferResponse, "start_directory_listing")
@replaces(TransferResponse, "start_file_transfer")
@replaces(TransferResponse, "list_file_transfer_results")
@replaces(TransferResponse, "start_remote_move")
@replaces(TransferResponse, "start_remote_delete")
@replaces(TransferResponse, "test_connection")
def leave_work_to_the_gateway(_, self):
    """moto has none of these operations. The gateway has them carried out if this
    server answers that they are permitted and valid."""
    given = read_parameters(self._get_action(), self.body)
    _find_connector(self, given)
    if self._get_action() == "StartFileTransfer":
        _check_transfer(given)
    if given.get("MaxItems", 0) > _MAX_ITEMS:
        raise InvalidRequest(f"MaxItems must be less than or equal to {_MAX_ITEMS}")
    return 204, {"status": 204}, ""


def _check_transfer(given: Parameters) -> None:
    send, retrieve = "SendFilePaths" in given, "RetrieveFilePaths" in given
    if send == retrieve:
        raise InvalidRequest("Either SendFilePaths or RetrieveFilePaths must be specified")
    if retrieve and "LocalDirectoryPath" not in given:
        raise InvalidRequest("RetrieveFilePaths needs a LocalDirectoryPath")
    if "RemoteDirectoryPath" in given and retrieve or "LocalDirectoryPath" in given and send:
        raise InvalidRequest("The directory is not one of this direction")


def _find_connector(response: TransferResponse, given: Parameters) -> Connector:
    name = given["ConnectorId"]
    if name not in response.transfer_backend.connectors:
        raise ResourceNotFound("Unknown connector", "Connector", name)
    return response.transfer_backend.connectors[name]


def _check_roles(response: TransferResponse, given: Parameters) -> None:
    for name in ("AccessRole", "LoggingRole"):
        if name in given:
            check_pass_role(response, given[name])


def _create(backend: TransferBackend, given: Parameters) -> Connector:
    if "As2Config" in given or "EgressConfig" in given:
        raise InvalidRequest("This emulator has SFTP connectors with SERVICE_MANAGED egress only")
    if not given.get("Url"):
        raise InvalidRequest("Url is required")
    if not given.get("SftpConfig", {}).get("UserSecretId"):
        raise InvalidRequest("SftpConfig needs a UserSecretId")
    _check(given)
    defaults = {"SecurityPolicyName": _SECURITY_POLICY}
    name = backend.create_connector(
        url=given["Url"],
        access_role=given["AccessRole"],
        logging_role=None,
        tags=given.get("Tags"),
        as2_config=None,
        sftp_config={"TrustedHostKeys": [], "MaxConcurrentConnections": 1},
        security_policy_name=None,
    )
    _change(backend.connectors[name], defaults | given)
    return backend.connectors[name]


# The names that moto has for what a connector is given.
_FIELDS = {
    "Url": "url",
    "AccessRole": "access_role",
    "LoggingRole": "logging_role",
    "SecurityPolicyName": "security_policy_name",
}
_SFTP_FIELDS = {
    "UserSecretId": "user_secret_id",
    "TrustedHostKeys": "trusted_host_keys",
    "MaxConcurrentConnections": "max_concurrent_connections",
}


def _change(connector: Connector, given: Parameters) -> None:
    """Gives a connector what a request has; what it leaves out stays as it is."""
    _check(given)
    for name, ours in _FIELDS.items():
        if name in given:
            setattr(connector, ours, given[name])
    for name, ours in _SFTP_FIELDS.items():
        if name in given.get("SftpConfig", {}):
            connector.sftp_config[ours] = given["SftpConfig"][name]


def _check(given: Parameters) -> None:
    """Raises InvalidRequest for what a connector can't have."""
    if "Url" in given and not _URL.fullmatch(given["Url"]):
        raise InvalidRequest("Url must be sftp://host or sftp://host:port")
    config = given.get("SftpConfig", {})
    if config.get("MaxConcurrentConnections", 1) > _MAX_CONNECTIONS:
        raise InvalidRequest(
            f"MaxConcurrentConnections must be less than or equal to {_MAX_CONNECTIONS}"
        )
    for key in config.get("TrustedHostKeys", []):
        if not _is_host_key(key):
            raise InvalidRequest(
                "Invalid trusted host key: it must be of the type RSA or ECDSA, "
                "`<type> <body>` as ssh-keyscan prints it"
            )


def _is_host_key(line: str) -> bool:
    """Tells whether a line is `[host] <type> <body>`, with a body of that type."""
    fields = line.split()
    if len(fields) == 3 and fields[0] not in _KEY_TYPES:
        del fields[0]
    if len(fields) != 2 or fields[0] not in _KEY_TYPES:
        return False
    try:
        body = b64decode(fields[1], validate=True)
    except ValueError:
        return False
    # An SSH string: its length in four bytes, and its text (RFC 4253, section 6.6).
    return body[4 : 4 + int.from_bytes(body[:4])] == fields[0].encode()


class ConnectorOfTemplate(CloudFormationModel):
    """AWS::Transfer::Connector. Whatever changes, the connector stays the same."""

    __module__ = "moto.transfer.models"  # moto looks for models in its own modules only.

    def __init__(self, connector: Connector):
        self.connector = connector

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Transfer::Connector"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in ("Arn", "ConnectorId", "ServiceManagedEgressIpAddresses")

    def get_cfn_attribute(self, attribute_name: str) -> Any:
        return self.connector.to_dict()[attribute_name]

    @property
    def physical_resource_id(self) -> str:
        return self.connector.connector_id

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name, **kwargs
    ):
        backend = transfer_backends[account_id][region_name]
        return cls(_create(backend, _as_given(cloudformation_json)))

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
    ):
        given = _as_given(cloudformation_json)
        kept = {"TrustedHostKeys": [], "MaxConcurrentConnections": 1}
        _change(
            original_resource.connector,
            {"LoggingRole": None, "SecurityPolicyName": _SECURITY_POLICY}
            | given
            | {"SftpConfig": kept | given["SftpConfig"]},
        )
        original_resource.connector.tags = given.get("Tags", [])
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name, cloudformation_json, account_id, region_name
    ):
        transfer_backends[account_id][region_name].connectors.pop(resource_name, None)


def _as_given(cloudformation_json: dict[str, Any]) -> Parameters:
    """Returns the properties of a template as CreateConnector would have them: numbers
    may be text in a template."""
    given = dict(cloudformation_json["Properties"])
    config = dict(given.get("SftpConfig", {}))
    if "MaxConcurrentConnections" in config:
        config["MaxConcurrentConnections"] = int(config["MaxConcurrentConnections"])
    given["SftpConfig"] = config
    return read_parameters("CreateConnector", json.dumps(given))
