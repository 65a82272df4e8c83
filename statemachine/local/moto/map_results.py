"""What a Distributed Map reads and writes: the object with its items, and the files
with their results.

Source: "ItemReader (Map)" and "ResultWriter (Map)" in the Step Functions developer
guide.
"""

import json
from typing import Any

from moto.core.utils import iso_8601_datetime_with_milliseconds
from moto.stepfunctions.parser.api import HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.item_reader.item_reader_decl import (
    ItemReader,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.result_writer.resource_eval.resource_eval_s3 import (
    ResourceEvalS3,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.result_writer.result_writer_decl import (
    ResultWriter,
)

from map_runs import ItemExecution, count
from patching import replaces


@replaces(ResourceEvalS3, "_handle_put_object")
def write_result_files(_, env, resource_runtime_part, state_credentials):
    """moto writes a manifest that names no result files."""
    parameters = env.stack.pop()
    client = ResourceEvalS3._get_s3_client(resource_runtime_part, state_credentials)
    run = env.map_run_record_pool_manager.get_all()[-1]
    bucket, prefix = parameters["Bucket"], parameters.get("Prefix", "")
    folder = f"{prefix.rstrip('/')}/{run.map_run_arn.split(':')[-1]}".lstrip("/")

    def put(name: str, content: Any) -> dict[str, Any]:
        key = f"{folder}/{name}.json"
        body = json.dumps(content, default=iso_8601_datetime_with_milliseconds).encode()
        client.put_object(Bucket=bucket, Key=key, Body=body)
        return {"Key": key, "Size": len(body)}

    files: dict[str, list] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    results = [_result(e) for e in run.executions]
    for kind, succeeded in (("SUCCEEDED", True), ("FAILED", False)):
        of_kind = [r for r in results if (r["Status"] == "SUCCEEDED") == succeeded]
        if of_kind:
            files[kind].append(put(f"{kind}_0", of_kind))
    manifest = put(
        "manifest",
        {"DestinationBucket": bucket, "MapRunArn": run.map_run_arn, "ResultFiles": files},
    )
    count(run, results_written=len(results))
    details = {"Bucket": bucket, "Key": manifest["Key"]}
    env.stack.append({"MapRunArn": run.map_run_arn, "ResultWriterDetails": details})


def _result(execution: ItemExecution) -> dict[str, Any]:
    """Returns an item's execution as a result file has it."""
    included = dict.fromkeys(("inputDetails", "outputDetails"), {"Included": True})
    fields = execution.to_describe_output() | included
    return {k[0].upper() + k[1:]: v for k, v in fields.items() if v is not None}


@replaces(ItemReader, "_eval_body")
def name_reader_errors(evaluate, self, env):
    """A map whose items can't be read fails with an error that a definition can retry;
    moto has States.Runtime for it."""
    _evaluate(evaluate, self, env, StatesErrorNameType.StatesItemReaderFailed)


@replaces(ResultWriter, "_eval_body")
def write_by_the_input(evaluate, self, env):
    """The same for a map whose results can't be written. Besides, moto evaluates a
    ResultWriter's paths against the results, instead of the state's input."""
    env.stack.pop()  # The results; the files replace them.
    _evaluate(evaluate, self, env, StatesErrorNameType.StatesResultWriterFailed)


def _evaluate(evaluate, component, env, error_name: StatesErrorNameType) -> None:
    try:
        evaluate(component, env)
    except FailureEventException:
        raise
    except Exception as ex:
        details = {"error": error_name.to_name(), "cause": str(ex)}
        raise FailureEventException(
            FailureEvent(
                env=env,
                error_name=StatesErrorName(typ=error_name),
                event_type=HistoryEventType.TaskFailed,
                event_details={"taskFailedEventDetails": details},
            )
        ) from ex
