"""S3's conditional writes, lists of buckets and bucket notifications."""

import threading

from moto.core.responses import ActionResult
from moto.s3.responses import S3Response

from patching import replaces

_lock = threading.Lock()


@replaces(S3Response, "put_object")
def serialize_conditional_writes(put_object, self):
    """moto checks the condition and then writes, and another request may come between.
    Of two writers that both require the object to be new, one succeeds on AWS."""
    with _lock:
        return put_object(self)


@replaces(S3Response, "all_buckets")
def list_buckets_in_pages(_, self):
    """moto leaves out what is beyond the first page, and in which regions buckets are,
    as a list in pages has it: "ListBuckets" and "Bucket" in its API reference."""
    self.data["Action"] = "ListAllMyBuckets"
    self._authenticate_and_authorize_s3_action()
    prefix, region, size, after = map(
        self._get_param, ("prefix", "bucket-region", "max-buckets", "continuation-token")
    )
    listed = self.backend.list_buckets(prefix, region, None)
    left = sorted((b for b in listed if b.name > (after or "")), key=lambda b: b.name)
    buckets = [{"Name": b.name, "CreationDate": b.creation_date_ISO8601} for b in left]
    answer = {"Owner": {"ID": self.current_account}, "Buckets": buckets}
    if size:
        answer["Buckets"] = [
            b | {"BucketRegion": found.region_name} for b, found in zip(buckets, left[: int(size)])
        ]
        if len(left) > int(size):
            answer["ContinuationToken"] = left[int(size) - 1].name
    self.data["Action"] = "ListBuckets"
    return self.serialized(ActionResult(answer))


@replaces(S3Response, "serialized")
def return_eventbridge_configuration(serialized, self, answer):
    """moto sends a bucket's events to EventBridge as configured, but leaves this out
    of the bucket's notification configuration."""
    if self.data.get("Action") == "GetBucketNotificationConfiguration":
        bucket = self.backend.get_bucket(self.bucket_name)
        if bucket.notification_configuration.event_bridge is not None:
            answer.result["EventBridgeConfiguration"] = {}
    return serialized(self, answer)


@replaces(S3Response, "head_object")
def mark_composite_checksums(head_object, self, bucket_name, query, key_name, headers):
    """A checksum of the checksums of a multipart upload's parts has their number after a
    dash. moto says so in GetObject, and not in HeadObject."""
    status, answer, body = head_object(self, bucket_name, query, key_name, headers)
    version = query.get("versionId", [None])[0]
    key = self.backend.head_object(bucket_name, key_name, version_id=version) if status == 200 else None
    if key is not None and key.checksum_type == "COMPOSITE" and key.checksum_algorithm:
        name = f"x-amz-checksum-{key.checksum_algorithm.lower()}"
        if name in answer:
            answer[name] = f"{key.checksum_value}-{key.checksum_parts}"
            answer["x-amz-checksum-type"] = key.checksum_type
    return status, answer, body
