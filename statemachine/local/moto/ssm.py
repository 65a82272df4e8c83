"""Parameter Store's events."""

import json

from moto.events.models import events_backends
from moto.ssm.models import SimpleSystemManagerBackend

from patching import replaces


@replaces(SimpleSystemManagerBackend, "put_parameter")
def publish_changes(put_parameter, self, *args, **kwargs):
    """moto publishes no event when a parameter is created or updated
    (https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html)."""
    parameter = put_parameter(self, *args, **kwargs)
    detail = {
        "operation": "Create" if parameter.version == 1 else "Update",
        "name": parameter.name,
        "type": parameter.parameter_type,
        "description": parameter.description or "",
    }
    events_backends[self.account_id][self.region_name].put_events(
        [
            {
                "Source": "aws.ssm",
                "DetailType": "Parameter Store Change",
                "Detail": json.dumps(detail),
            }
        ]
    )
    return parameter
