"""Requests to AWS Transfer Family and its errors.

Sources: botocore's model of the service, for what each parameter may be; "Using logical
directories to simplify your Transfer Family directory structures" and "Implementing
logical directories" in the Transfer user guide, for mappings.
"""

import json
import re
from itertools import pairwise
from typing import Any

from botocore.model import ListShape, Shape, StructureShape
from moto.core.exceptions import ServiceException
from moto.core.utils import get_service_model

Parameters = dict[str, Any]


class InvalidRequest(ServiceException):
    code = "InvalidRequestException"


class InvalidNextToken(ServiceException):
    code = "InvalidNextTokenException"


class _AboutResource(ServiceException):
    """An error that names a resource, which is a server, a user or a key."""

    def __init__(self, message: str, kind: str, name: str):
        super().__init__(message)
        self.resource_type, self.resource = kind, name


class ResourceNotFound(_AboutResource):
    code = "ResourceNotFoundException"


class ResourceExists(_AboutResource):
    code = "ResourceExistsException"


def read_parameters(operation: str, body: str | bytes) -> Parameters:
    """Returns the parameters of a request. Raises InvalidRequest if one of them is not
    what the service's model says."""
    parameters = json.loads(body)
    model = get_service_model("transfer").operation_model(operation)
    _check_value(model.input_shape, parameters, "")
    return parameters


def _check_value(shape: Shape, value: Any, path: str) -> None:
    if isinstance(shape, StructureShape):
        for name in shape.required_members:
            if value.get(name) is None:
                _refuse(None, _join(path, name), "Member must not be null")
        for name, member in shape.members.items():
            if value.get(name) is not None:
                _check_value(member, value[name], _join(path, name))
        return
    _check_limits(shape.metadata, value, path)
    if isinstance(shape, ListShape):
        for number, member in enumerate(value, 1):
            _check_value(shape.member, member, f"{path}.{number}.member")


def _check_limits(limits: dict[str, Any], value: Any, path: str) -> None:
    sized = isinstance(value, (str, list))
    size, what = (len(value), "length") if sized else (value, "value")
    if size < limits.get("min", size):
        _refuse(value, path, f"Member must have {what} greater than or equal to {limits['min']}")
    if size > limits.get("max", size):
        _refuse(value, path, f"Member must have {what} less than or equal to {limits['max']}")
    if "enum" in limits and value not in limits["enum"]:
        _refuse(value, path, f"Member must satisfy enum value set: {limits['enum']}")
    # Java's \w, unlike Python's, has ASCII letters only.
    pattern = limits.get("pattern")
    if pattern and not re.fullmatch(pattern, value, re.ASCII | re.DOTALL):
        _refuse(value, path, f"Member must satisfy regular expression pattern: {pattern}")


def _refuse(value: Any, path: str, constraint: str) -> None:
    shown = "" if value is None else f" '{value}'"
    raise InvalidRequest(
        f"1 validation error detected: Value{shown} at '{path}' "
        f"failed to satisfy constraint: {constraint}"
    )


def _join(path: str, member: str) -> str:
    member = member[0].lower() + member[1:]
    return f"{path}.{member}" if path else member


def check_user(given: Parameters, stored: Parameters, domain: str) -> None:
    """Raises InvalidRequest if a user can't have what is given in a request, beside
    what is stored already, on a server of a domain."""
    wanted = stored | given
    logical = wanted.get("HomeDirectoryType") == "LOGICAL"
    if domain != "S3" and "Policy" in given:
        raise InvalidRequest("Policy is supported for the S3 domain only")
    if domain != "EFS" and "PosixProfile" in given:
        raise InvalidRequest("PosixProfile is supported for the EFS domain only")
    if "Policy" in given:
        _check_policy(given["Policy"])
    if "HomeDirectoryMappings" in given and not logical:
        raise InvalidRequest("HomeDirectoryMappings needs the HomeDirectoryType LOGICAL")
    if not logical:
        return
    if "HomeDirectoryMappings" not in wanted:
        raise InvalidRequest("The HomeDirectoryType LOGICAL needs HomeDirectoryMappings")
    entries = sorted(_as_folder(m["Entry"]) for m in wanted["HomeDirectoryMappings"])
    for entry, following in pairwise(entries):
        if following.startswith(entry):
            raise InvalidRequest(f"HomeDirectoryMappings overlap: {entry} and {following}")
    # One that was stored while the type was PATH does not count: "Configure logical
    # directories examples" changes such a user by its type and mappings alone.
    home = given.get("HomeDirectory")
    if home and not any(_as_folder(home).startswith(entry) for entry in entries):
        raise InvalidRequest(f"HomeDirectory {home} is in none of the HomeDirectoryMappings")


def _as_folder(path: str) -> str:
    return path.rstrip("/") + "/"


def _check_policy(policy: str) -> None:
    try:
        valid = isinstance(json.loads(policy), dict)
    except ValueError:
        valid = False
    if not valid:
        raise InvalidRequest("Policy is not a JSON object")
