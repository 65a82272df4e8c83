"""S3's conditional writes."""

import threading

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


MENDS = (write_conditionally_one_at_a_time,)
