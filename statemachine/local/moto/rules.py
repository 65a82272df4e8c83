"""EventBridge rules and their delivery to state machines, topics and functions."""

import copy
import functools
import json
import threading
import traceback
import uuid
from datetime import datetime, timezone
from typing import Any

import boto3
from moto.awslambda.models import lambda_backends
from moto.core.config import default_user_config
from moto.events.models import EventBus, Rule
from moto.events.utils import EventTemplateParser
from moto.settings import moto_server_port
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.utilities.arns import parse_arn

from patching import replaces
from principals import check_service_role

# The action that must be allowed, by the service of the target's ARN: to the rule's role,
# or by the policy of a function.
_ACTIONS = {
    "states": "states:StartExecution",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
}


_EVENT_BRIDGE = "events.amazonaws.com"


class _Rules(dict[str, Rule]):
    """A bus's rules, which may grow while an event is matched against them."""

    def values(self) -> list[Rule]:
        return list(super().values())


@replaces(EventBus, "__init__")
def match_rules_while_others_are_added(init, self, *args, **kwargs):
    """moto iterates over a bus's rules themselves. A rule that is added meanwhile
    makes PutEvents fail, and S3's events get lost."""
    init(self, *args, **kwargs)
    self.rules = _Rules()


@replaces(Rule, "send_to_targets")
def deliver_to_other_targets(send_to_targets, self, original_event, *args, **kwargs):
    """moto has none of these among its targets, and stops at the first that it lacks."""
    ours = [t for t in self.targets if parse_arn(t["Arn"]).service in _ACTIONS]
    if ours:
        event = _as_delivered(original_event)
        if self.event_pattern.matches_event(event):
            for target in ours:
                _deliver(self.arn, target, event)
    others = copy.copy(self)
    others.targets = [t for t in self.targets if t not in ours]
    send_to_targets(others, original_event, *args, **kwargs)


@replaces(Rule, "send_to_targets")
def ignore_disabled_rules(send_to_targets, self, *args, **kwargs):
    """moto delivers the events of disabled rules, too."""
    if self.state == "ENABLED":
        send_to_targets(self, *args, **kwargs)


def _as_delivered(event: dict[str, Any]) -> dict[str, Any]:
    when = datetime.fromtimestamp(float(event["time"]), tz=timezone.utc)
    delivered = event | {"id": str(uuid.uuid4()), "time": when.strftime("%Y-%m-%dT%H:%M:%SZ")}
    delivered.pop("ingestion-time", None)
    return delivered


class _Throttled(Exception):
    """A target has more requests than its service takes."""


# What is still to be refused of a state machine's starts by rules, by its ARN.
_refusals_lock = threading.Lock()


def _refuse_throttled(target_arn: str) -> None:
    """Refuses as many starts as a test has asked for: "throttled_starts" of
    "stepfunctions" in moto's configuration."""
    with _refusals_lock:
        left = default_user_config["stepfunctions"].get("throttled_starts", {})
        if left.get(target_arn, 0) > 0:
            left[target_arn] -= 1
            raise _Throttled


def _deliver(
    rule: str, target: dict[str, Any], event: dict[str, Any], attempt: int = 0
) -> None:
    arn = parse_arn(target["Arn"])
    try:
        _refuse_throttled(target["Arn"])
        message = json.dumps(_input(target, event))
        if arn.service == "lambda":
            _check_policy(rule, target["Arn"])
            _functions(arn.region).invoke(
                FunctionName=target["Arn"], InvocationType="Event", Payload=message
            )
            return
        check_service_role(
            _EVENT_BRIDGE,
            target["RoleArn"],
            _ACTIONS[arn.service],
            target["Arn"],
        )
        if arn.service == "sns":
            sns_backends[arn.account][arn.region].publish(message, target["Arn"])
        else:
            stepfunctions_parser_backends[arn.account][arn.region].start_execution(
                target["Arn"], execution_input=message
            )
    except Exception as error:
        # The request that caused the event succeeds all the same. What is throttled is
        # tried again: "How EventBridge retries delivering events" in its user guide.
        retries = target.get("RetryPolicy", {}).get("MaximumRetryAttempts", 185)
        if isinstance(error, _Throttled) and attempt < retries:
            delay = min(0.1 * 2**attempt, 60)
            threading.Timer(delay, _deliver, (rule, target, event, attempt + 1)).start()
            return
        traceback.print_exc()
        if queue := target.get("DeadLetterConfig", {}).get("Arn"):
            arn = parse_arn(queue)
            sqs_backends[arn.account][arn.region].send_message(arn.resource_id, json.dumps(event))


def _check_policy(rule: str, function: str) -> None:
    """Raises an error unless the function's own policy lets the rule invoke it: "Using
    resource-based policies for Amazon EventBridge" in the user guide."""
    arn = parse_arn(function)
    for statement in lambda_backends[arn.account][arn.region].get_function(function).policy.statements:
        condition = statement.get("Condition", {}).get("ArnLike", {})
        if (
            statement["Principal"] == {"Service": _EVENT_BRIDGE}
            and statement["Action"] == _ACTIONS["lambda"]
            and condition.get("AWS:SourceArn", rule) == rule
        ):
            return
    raise PermissionError(f"the policy of {function} does not let {rule} invoke it")


@functools.cache
def _functions(region: str) -> Any:
    return boto3.session.Session().client(
        "lambda",
        region_name=region,
        endpoint_url=f"http://127.0.0.1:{moto_server_port()}",
        aws_access_key_id=_EVENT_BRIDGE,
        aws_secret_access_key=_EVENT_BRIDGE,
    )


def _input(target: dict[str, Any], event: dict[str, Any]) -> Any:
    if "Input" in target:
        return json.loads(target["Input"])
    if transformer := target.get("InputTransformer"):
        return EventTemplateParser.parse(
            input_template=transformer["InputTemplate"],
            input_paths_map=transformer.get("InputPathsMap", {}),
            event=event | {"ingestion-time": event["time"]},
        )
    return event
