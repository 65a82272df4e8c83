"""Makes Step Functions and SQS faster, and changes nothing that they do."""

import functools
import time
from typing import Any

from antlr4 import ParserRuleContext
from moto.sqs.models import Message, Queue, SQSBackend
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor

_parse_definition = AmazonStateLanguageParser.parse


@functools.cache
def _tree(definition: str) -> ParserRuleContext:
    return _parse_definition(definition)[1]


def _parse(definition: str) -> tuple[Any, ParserRuleContext]:
    # Each execution parses its definition again. Programs have state, trees have none.
    tree = _tree(definition)
    return Preprocessor().visit(tree), tree


AmazonStateLanguageParser.parse = staticmethod(_parse)


# Queue looks at each message three times whenever one is sent, and three times again for
# each that is received.


def _is_retained(self: SQSBackend, queue_name: str, message: Message) -> bool:
    period = self.get_queue(queue_name).message_retention_period
    return period + message.sent_timestamp / 1000 > time.time()


def _visible(self: Queue) -> list[Message]:
    now = time.time() * 1000
    return [m for m in self._messages if m.visible_at < now >= m.delayed_until]


def _count_delayed(self: Queue) -> int:
    now = time.time() * 1000
    return sum(m.delayed_until > now for m in self._messages)


def _count_not_visible(self: Queue) -> int:
    now = time.time() * 1000
    return sum(m.visible_at >= now for m in self._messages)


SQSBackend.is_message_valid_based_on_retention_period = _is_retained
Queue.messages = property(_visible)
Queue.approximate_number_of_messages_delayed = property(_count_delayed)
Queue.approximate_number_of_messages_not_visible = property(_count_not_visible)
