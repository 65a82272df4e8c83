"""The language of IAM's policies, as far as the policies here use it.

Sources: "IAM JSON policy elements reference" and "Policy evaluation logic" in the
IAM user guide.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

Document = Mapping[str, Any]
Context = Mapping[str, str]


def permits(documents: Iterable[Document], action: str, resource: str, context: Context) -> bool:
    """Returns whether a statement allows the action on the resource, and none denies
    it. An action that names no resource is one on the resource `*`."""
    statements = (
        statement
        for document in documents
        for statement in _statements(document)
        if _matches(statement, "Resource", resource)
    )
    return _allow(statements, action, context)


def trusts(document: Document, kind: str, names: set[str], context: Context) -> bool:
    """Returns whether a role's trust policy lets a principal assume the role: one of a
    kind, such as Service, known by one of these names."""
    statements = (
        statement
        for statement in _statements(document)
        if names.intersection(_listed(statement["Principal"].get(kind, ())))
    )
    return _allow(statements, "sts:AssumeRole", context)


def _allow(statements: Iterable[Document], action: str, context: Context) -> bool:
    effects = {
        statement["Effect"]
        for statement in statements
        if _matches(statement, "Action", action) and _holds(statement, context)
    }
    return effects == {"Allow"}


def _statements(document: Document) -> list[Document]:
    # Where a template leaves a statement out, moto leaves a None.
    return [s for s in _listed(document["Statement"]) if s]


def _matches(statement: Document, element: str, value: str) -> bool:
    # Actions are written in any case; everything else as it is.
    fold = str.lower if element == "Action" else str
    patterns = statement.get(element, statement.get("Not" + element, ()))
    matches = any(_like(fold(value), fold(p)) for p in _listed(patterns))
    return matches == (element in statement)


def _holds(statement: Document, context: Context) -> bool:
    """Returns whether all conditions of a statement are met. An operator that is not
    known here is an error: to skip it would make the tests of permissions worthless."""
    return all(
        _OPERATORS[operator](context.get(key), wanted)
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def _equals(got: str | None, wanted: Any) -> bool:
    return got in _listed(wanted)


def _is_like(got: str | None, wanted: Any) -> bool:
    return got is not None and any(_like(got, p) for p in _listed(wanted))


def _is_before(got: str | None, wanted: Any) -> bool:
    return got is not None and any(_time(got) < _time(w) for w in _listed(wanted))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


# By the reference, ArnEquals is the same as ArnLike.
_OPERATORS = {
    "StringEquals": _equals,
    "StringLike": _is_like,
    "ArnEquals": _is_like,
    "ArnLike": _is_like,
    "DateLessThan": _is_before,
}


# IAM has no sets of characters, as fnmatch has, and writes in its own way characters
# that stand for themselves: "Special characters" of policy variables.
_SPELLINGS = {"[": "[[]", "${*}": "[*]", "${?}": "[?]", "${$}": "$"}


def _like(value: str, pattern: str) -> bool:
    for ours, fnmatchs in _SPELLINGS.items():
        pattern = pattern.replace(ours, fnmatchs)
    return fnmatchcase(value, pattern)


def _listed(value: Any) -> Iterable[Any]:
    """Returns as a list what IAM lets one write alone or in a list."""
    return (value,) if isinstance(value, (str, Mapping)) else value
