"""S3 where two writers, or a template, meet what is there."""

import threading

from moto.s3.models import FakeBucket, s3_backends
from moto.s3.responses import S3Response

_lock = threading.Lock()


def write_conditionally_one_at_a_time() -> None:
    """moto looks at the condition and then writes, and another request may come
    between; of two writers who both ask that nobody came first, AWS lets one."""
    put_object = S3Response.put_object

    def put_object_atomically(self):
        if "If-Match" in self.headers or "If-None-Match" in self.headers:
            with _lock:
                return put_object(self)
        return put_object(self)

    S3Response.put_object = put_object_atomically


def keep_buckets_with_objects() -> None:
    """A stack can't delete a bucket with something in it. moto believes it has."""
    delete = FakeBucket.delete_from_cloudformation_json.__func__

    def delete_empty(cls, resource_name, cloudformation_json, account_id, region_name):
        delete(cls, resource_name, cloudformation_json, account_id, region_name)
        if resource_name in s3_backends[account_id]["aws"].buckets:
            raise ValueError(f"The bucket {resource_name} is not empty")

    FakeBucket.delete_from_cloudformation_json = classmethod(delete_empty)


MENDS = (write_conditionally_one_at_a_time, keep_buckets_with_objects)
