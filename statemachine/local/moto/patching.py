"""The way in which the other modules patch moto."""

import functools
import inspect
from collections.abc import Callable
from typing import Any


def replaces(owner: Any, name: str) -> Callable[[Callable], Callable]:
    """Replaces a function of a class or module by the decorated one, whose first
    argument is the replaced function, or None if there was none."""
    replaced = inspect.getattr_static(owner, name, None)
    kinds = (classmethod, staticmethod, property)
    kind = type(replaced) if isinstance(replaced, kinds) else lambda function: function
    original = replaced.fget if kind is property else getattr(replaced, "__func__", replaced)

    def replace(function: Callable) -> Callable:
        @functools.wraps(original or function)
        def replacement(*args, **kwargs):
            return function(original, *args, **kwargs)

        setattr(owner, name, kind(replacement))
        return function

    return replace
