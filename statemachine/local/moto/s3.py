"""S3's conditional writes and bucket notifications."""

import threading

from moto.s3.responses import S3Response

_lock = threading.Lock()


def serialize_conditional_writes() -> None:
    """moto checks the condition and then writes, and another request may come between.
    Of two writers who both ask that nobody was first, AWS lets one through."""
    put_object = S3Response.put_object

    def put_object_atomically(self):
        if "If-Match" in self.headers or "If-None-Match" in self.headers:
            with _lock:
                return put_object(self)
        return put_object(self)

    S3Response.put_object = put_object_atomically


def return_eventbridge_configuration() -> None:
    """moto sends a bucket's events to EventBridge as configured, but leaves this out
    of the bucket's notification configuration."""
    serialized = S3Response.serialized

    def serialized_with_eventbridge(self, answer):
        if self.data["Action"] == "GetBucketNotificationConfiguration":
            bucket = self.backend.get_bucket(self.bucket_name)
            if bucket.notification_configuration.event_bridge is not None:
                answer.result["EventBridgeConfiguration"] = {}
        return serialized(self, answer)

    S3Response.serialized = serialized_with_eventbridge


PATCHES = (serialize_conditional_writes, return_eventbridge_configuration)
