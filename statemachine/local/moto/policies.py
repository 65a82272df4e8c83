"""The language of IAM's policies, as far as the policies here speak it.

Sources: "IAM JSON policy elements reference" and "Policy evaluation logic" in the
IAM user guide.
"""

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

Document = Mapping[str, Any]
Context = Mapping[str, str]


def permits(
    documents: Iterable[Document], action: str, resource: str, context: Context
) -> bool:
    """Whether a statement allows the action on the resource, and none denies it.
    An action on nothing in particular is one on the resource `*`."""
    effects = {
        statement["Effect"]
        for document in documents
        for statement in _statements(document)
        if _names(statement, "Action", action, re.IGNORECASE)
        and _names(statement, "Resource", resource)
        and _holds(statement, context)
    }
    return effects == {"Allow"}


def trusts(document: Document, kind: str, names: set[str], context: Context) -> bool:
    """Whether a role's trust policy lets a principal take the role on: one of a
    kind, such as Service, known by one of these names."""
    effects = {
        statement["Effect"]
        for statement in _statements(document)
        if _names(statement, "Action", "sts:AssumeRole", re.IGNORECASE)
        and names.intersection(_listed(statement["Principal"].get(kind, ())))
        and _holds(statement, context)
    }
    return effects == {"Allow"}


def _statements(document: Document) -> list[Document]:
    # Where a template leaves a statement out, moto leaves a None.
    return [s for s in _listed(document["Statement"]) if s]


def _names(statement: Document, element: str, value: str, flags: int = 0) -> bool:
    if element in statement:
        return _like_any(statement[element], value, flags)
    # Neither an element nor its opposite: a trust policy's resource is its role.
    return not _like_any(statement.get("Not" + element, ()), value, flags)


def _holds(statement: Document, context: Context) -> bool:
    """Whether all conditions of a statement are met. An operator that is not
    known here is an error: to skip it would make the proof worthless."""
    return all(
        _OPERATORS[operator](context.get(key), wanted)
        for operator, keys in statement.get("Condition", {}).items()
        for key, wanted in keys.items()
    )


def _equal(got: str | None, wanted: Any) -> bool:
    return got is not None and got in _listed(wanted)


def _alike(got: str | None, wanted: Any) -> bool:
    return got is not None and _like_any(wanted, got)


_OPERATORS: dict[str, Callable[[str | None, Any], bool]] = {
    "StringEquals": _equal,
    "StringNotEquals": lambda got, wanted: not _equal(got, wanted),
    "StringLike": _alike,
    "ArnEquals": _alike,  # the same as ArnLike, by the reference
    "ArnLike": _alike,
    "Null": lambda got, wanted: (got is None) == (str(wanted).lower() == "true"),
}


def _like_any(patterns: Any, value: str, flags: int = 0) -> bool:
    return any(_pattern(p, flags).fullmatch(value) for p in _listed(patterns))


@functools.cache
def _pattern(text: str, flags: int) -> re.Pattern[str]:
    wild = {"*": ".*", "?": "."}
    return re.compile(
        "".join(wild.get(c) or re.escape(c) for c in text), flags | re.DOTALL
    )


def _listed(value: Any) -> Iterable[Any]:
    """What IAM lets one write alone or in a list."""
    return (value,) if isinstance(value, (str, Mapping)) else value
