"""EventBridge delivering to state machines and topics."""

import copy
import json
import traceback
import uuid
from datetime import datetime, timezone
from typing import Any

from moto.events.models import Rule
from moto.events.utils import EventTemplateParser
from moto.sns.models import sns_backends
from moto.sqs.models import sqs_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.utilities.arns import parse_arn

from principals import demand


# What a target is asked for, by the service of its ARN.
_ACTIONS = {"states": "states:StartExecution", "sns": "sns:Publish"}


def deliver() -> None:
    """moto has neither state machines nor topics among its targets."""
    send_to_targets = Rule.send_to_targets

    def send(self, original_event, transform_input=True):
        ours = [t for t in self.targets if parse_arn(t["Arn"]).service in _ACTIONS]
        if ours and self.state == "ENABLED":
            event = _as_delivered(original_event)
            if self.event_pattern.matches_event(event):
                for target in ours:
                    _deliver(target, event)

        # moto stops at a target that it does not know, so it gets the others.
        others = copy.copy(self)
        others.targets = [t for t in self.targets if t not in ours]
        if others.targets:
            send_to_targets(others, original_event, transform_input)

    Rule.send_to_targets = send


def _as_delivered(event: dict[str, Any]) -> dict[str, Any]:
    event = copy.deepcopy(event)
    event["id"] = str(uuid.uuid4())
    if not isinstance(event.get("time"), str):
        when = datetime.fromtimestamp(float(event["time"]), tz=timezone.utc)
        event["time"] = when.strftime("%Y-%m-%dT%H:%M:%SZ")
    event.pop("ingestion-time", None)
    return event


def _deliver(target: dict[str, Any], event: dict[str, Any]) -> None:
    arn = parse_arn(target["Arn"])
    message = json.dumps(_input(target, event))
    try:
        demand(
            "events.amazonaws.com",
            target["RoleArn"],
            _ACTIONS[arn.service],
            target["Arn"],
        )
        if arn.service == "sns":
            sns_backends[arn.account][arn.region].publish(message, target["Arn"])
        else:
            stepfunctions_parser_backends[arn.account][arn.region].start_execution(
                target["Arn"], str(uuid.uuid4()), message
            )
    except Exception:
        # A delivery fails by itself: whoever caused the event does not see it.
        traceback.print_exc()
        if queue := target.get("DeadLetterConfig", {}).get("Arn"):
            _keep(queue, event)


def _keep(queue: str, event: dict[str, Any]) -> None:
    arn = parse_arn(queue)
    sqs_backends[arn.account][arn.region].send_message(
        arn.resource_id, json.dumps(event)
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


MENDS = (deliver,)
