"""S3's notifications to EventBridge."""

from moto.s3.responses import S3Response


def show_eventbridge() -> None:
    """A bucket that was told to notify EventBridge says so when it is asked for
    its notifications."""
    get = S3Response.get_bucket_notification

    def get_bucket_notification(self):
        configuration = self.backend.get_bucket_notification_configuration(
            self.bucket_name
        )
        serialized = self.serialized

        def with_eventbridge(answer):
            if configuration and configuration.event_bridge is not None:
                answer.result["EventBridgeConfiguration"] = {}
            return serialized(answer)

        self.serialized = with_eventbridge
        try:
            return get(self)
        finally:
            del self.serialized

    S3Response.get_bucket_notification = get_bucket_notification


MENDS = (show_eventbridge,)
