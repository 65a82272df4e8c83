"""Makes moto faster, and changes nothing that it does.

It works out anew, for each request or message, much that is always the same. Where
most of the time of a test went was seen with cProfile, a profiler for each thread. This
module has what moto's others import by name, and imports none of them;
performance_of_services.py has the rest.
"""

import functools
import json
import time
from typing import Any

import jsonpath_ng.ext
import yaml
from moto import backends
from moto.core import responses, utils


def _keep_results(owner: Any, name: str) -> None:
    """Has a function whose results depend on its arguments alone keep them."""
    setattr(owner, name, functools.cache(getattr(owner, name)))


# The parser of paths generates its tables each time: 2 ms a path, of which an
# EventBridge target has eight.
_keep_results(jsonpath_ng.ext, "parse")
_keep_results(jsonpath_ng, "parse")
_keep_results(utils, "camelcase_to_underscores")
_keep_results(responses, "camelcase_to_underscores")
_keep_results(responses, "method_names_from_class")

# For each request, moto looked at 200 folders of its own, while no other request could
# begin.
_modules = tuple(backends.list_of_moto_modules())
backends.list_of_moto_modules = lambda: _modules


def _unix_time(dt: Any = None, unix_time=utils.unix_time) -> float:
    # What moto does, 20 times as fast: queues ask it three times for each message.
    return unix_time(dt) if dt else time.time()


utils.unix_time = _unix_time


def _load(stream: Any, Loader: Any, load=yaml.load) -> Any:
    # The CDK's templates are JSON, which is also YAML: a second of work.
    try:
        return json.loads(stream)
    except (TypeError, ValueError):
        return load(stream, Loader)


yaml.load = _load
