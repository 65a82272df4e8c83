"""S3's conditional writes and bucket notifications."""

import threading

from moto.s3.responses import S3Response

from patching import replaces

_lock = threading.Lock()


@replaces(S3Response, "put_object")
def serialize_conditional_writes(put_object, self):
    """moto checks the condition and then writes, and another request may come between.
    Of two writers that both require the object to be new, one succeeds on AWS."""
    with _lock:
        return put_object(self)


@replaces(S3Response, "serialized")
def return_eventbridge_configuration(serialized, self, answer):
    """moto sends a bucket's events to EventBridge as configured, but leaves this out
    of the bucket's notification configuration."""
    if self.data.get("Action") == "GetBucketNotificationConfiguration":
        bucket = self.backend.get_bucket(self.bucket_name)
        if bucket.notification_configuration.event_bridge is not None:
            answer.result["EventBridgeConfiguration"] = {}
    return serialized(self, answer)
