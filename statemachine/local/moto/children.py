"""A distributed map's items as executions of their own, as in AWS: each with an
ARN, a history and a place in the map run's counts and result files.

Formats: "ResultWriter (Map)" and "Examining Map Run" in the Step Functions
developer guide.
"""

import json
import uuid
from datetime import datetime, timezone

from moto.stepfunctions.exceptions import ExecutionDoesNotExist
from moto.stepfunctions.parser.api import (
    ExecutionStartedEventDetails,
    GetExecutionHistoryOutput,
    HistoryEventExecutionDataDetails,
    HistoryEventType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.distributed_iteration_component import (
    DistributedIterationComponent,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.distributed_item_processor_worker import (
    DistributedItemProcessorWorker,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.map_run_record import (
    MapRunRecord,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.result_writer.resource_eval.resource_eval_s3 import (
    ResourceEvalS3,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.result_writer.result_writer_decl import (
    ResultWriter,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.eval.event.event_manager import (
    EventHistoryContext,
    EventManager,
)
from moto.stepfunctions.parser.asl.eval.program_state import (
    ProgramEnded,
    ProgramError,
    ProgramStopped,
    ProgramTimedOut,
)
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.responses import StepFunctionResponse

from principals import demand
from statuses import tell

_BY_ARN: dict[str, "ChildExecution"] = {}

_STATUS = {
    ProgramEnded: "SUCCEEDED",
    ProgramError: "FAILED",
    ProgramStopped: "ABORTED",
    ProgramTimedOut: "TIMED_OUT",
}

# The file an execution's result is written to, by its status.
_FILE = {
    "SUCCEEDED": "SUCCEEDED",
    "FAILED": "FAILED",
    "TIMED_OUT": "FAILED",
    "ABORTED": "FAILED",
    "RUNNING": "PENDING",
}


class ChildExecution:
    """One item's execution. Its attributes are those that moto's responses read
    from any execution."""

    def __init__(self, map_run: MapRunRecord):
        self.name = str(uuid.uuid4())
        self.state_machine_arn = map_run.map_state_machine_arn
        self.execution_arn = (
            self.state_machine_arn.replace(":stateMachine:", ":execution:")
            + f":{self.name}"
        )
        self.start_date = datetime.now(tz=timezone.utc)
        self.stop_date = None
        self.status = "RUNNING"
        self.execution_input = "{}"
        self.output = None
        self.output_details = {"included": True}
        self.error = None
        self.cause = None
        self.events = EventManager()

    def began(self, env) -> None:
        self.execution_input = _compact(env.states.get_input())
        self.events.add_event(
            context=env.event_history_context,
            event_type=HistoryEventType.ExecutionStarted,
            event_details=EventDetails(
                executionStartedEventDetails=ExecutionStartedEventDetails(
                    input=self.execution_input,
                    inputDetails=HistoryEventExecutionDataDetails(truncated=False),
                    roleArn=env.aws_execution_details.role_arn,
                )
            ),
            update_source_event_id=False,
        )

    def ended(self, env) -> None:
        state = env.program_state()
        status = _STATUS.get(type(state), "FAILED")
        self.stop_date = datetime.now(tz=timezone.utc)
        if status == "SUCCEEDED":
            self.output = _compact(env.states.get_input())
        elif isinstance(state, ProgramError) and state.error:
            self.error = state.error.get("error")
            self.cause = state.error.get("cause")
        # Last: who sees the end asks for the rest.
        self.status = status
        tell(self, self.output)

    def to_history_output(self) -> GetExecutionHistoryOutput:
        return GetExecutionHistoryOutput(events=self.events.get_event_history())

    def to_result(self) -> dict:
        """The execution as a result file has it."""
        result = {
            "ExecutionArn": self.execution_arn,
            "Input": self.execution_input,
            "InputDetails": {"Included": True},
            "Name": self.name,
            "OutputDetails": {"Included": True},
            "RedriveCount": 0,
            "StartDate": _iso(self.start_date),
            "StateMachineArn": self.state_machine_arn,
            "Status": self.status,
        }
        redrivable = self.status not in ("SUCCEEDED", "RUNNING")
        result["RedriveStatus"] = "REDRIVABLE" if redrivable else "NOT_REDRIVABLE"
        if not redrivable:
            result["RedriveStatusReason"] = (
                f"Execution is {self.status} and cannot be redriven"
            )
        for key, value in (
            ("Output", self.output),
            ("Error", self.error),
            ("Cause", self.cause),
            ("StopDate", self.stop_date and _iso(self.stop_date)),
        ):
            if value is not None:
                result[key] = value
        return dict(sorted(result.items()))


def _compact(value) -> str:
    return to_json_str(value, separators=(",", ":"))


def _iso(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def keep_child_executions() -> None:
    """moto runs items as parts of their parent and forgets how each one went."""
    eval_input = DistributedItemProcessorWorker._eval_input
    eval_job = DistributedItemProcessorWorker._eval_job

    def eval_input_and_begin(self, env_frame):
        eval_input(self, env_frame)
        self.child.began(env_frame)

    def eval_job_as_execution(self, env, job):
        run = self._map_run_record
        self.child = child = ChildExecution(run)
        run.children.append(child)
        _BY_ARN[child.execution_arn] = child

        # A frame of the parent writes into its history, and never ends itself.
        env.event_manager = child.events
        env.event_history_context = EventHistoryContext.of_program_start()
        env._is_frame = False

        _no_longer_pending(run)
        eval_job(self, env, job)
        child.ended(env)
        if child.status != "SUCCEEDED":
            run.execution_counter.running.offset(-1)

    DistributedItemProcessorWorker._eval_input = eval_input_and_begin
    DistributedItemProcessorWorker._eval_job = eval_job_as_execution


def _no_longer_pending(run: MapRunRecord) -> None:
    """moto counts an item into the total when it begins; here it was counted
    before, as pending."""
    for counter in (run.item_counter, run.execution_counter):
        counter.total.offset(-1)
        counter.pending.offset(-1)


def start_children_under_the_role() -> None:
    """An item's execution is one of the state machine itself, which its role has to
    be allowed to start."""
    evaluate = DistributedIterationComponent._eval_body

    def eval_body(self, env):
        run = env.stack[-1].map_run_record
        demand(
            "states.amazonaws.com",
            env.aws_execution_details.role_arn,
            "states:StartExecution",
            # The map's own ARN, without the map's name.
            run.map_state_machine_arn.split("/")[0],
        )
        evaluate(self, env)

    DistributedIterationComponent._eval_body = eval_body


def count_pending_items() -> None:
    """DescribeMapRun tells from the start how many items there are."""
    init = MapRunRecord.__init__
    map_run = DistributedIterationComponent._map_run

    def init_with_children(self, *args, **kwargs):
        init(self, *args, **kwargs)
        self.children = []

    def map_run_counted(self, env, eval_input):
        items = env.stack[-1]
        for counter in (
            eval_input.map_run_record.item_counter,
            eval_input.map_run_record.execution_counter,
        ):
            counter.total.count(len(items))
            counter.pending.count(len(items))
        map_run(self, env, eval_input)

    MapRunRecord.__init__ = init_with_children
    DistributedIterationComponent._map_run = map_run_counted


def write_results_by_the_input() -> None:
    """A ResultWriter's paths select from the state's input; moto has the results
    in its place, which the result files replace anyway."""
    evaluate = ResultWriter._eval_body

    def eval_body(self, env):
        env.stack.pop()
        evaluate(self, env)

    ResultWriter._eval_body = eval_body


def write_results() -> None:
    """moto's ResultWriter writes a manifest that names no result files."""

    def put_object(env, resource_runtime_part, state_credentials):
        parameters = env.stack.pop()
        s3 = ResourceEvalS3._get_s3_client(
            resource_runtime_part=resource_runtime_part,
            state_credentials=state_credentials,
        )
        run = env.map_run_record_pool_manager.get_all().pop()
        bucket = parameters["Bucket"]
        prefix = parameters.get("Prefix", "")
        if prefix and not prefix.endswith("/"):
            prefix += "/"
        prefix += run.map_run_arn.split(":")[-1]

        files: dict[str, list] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
        for kind, entries in files.items():
            results = [c.to_result() for c in run.children if _FILE[c.status] == kind]
            if results:
                key = f"{prefix}/{kind}_0.json"
                body = json.dumps(results).encode()
                s3.put_object(Bucket=bucket, Key=key, Body=body)
                entries.append({"Key": key, "Size": len(body)})

        manifest = f"{prefix}/manifest.json"
        body = {
            "DestinationBucket": bucket,
            "MapRunArn": run.map_run_arn,
            "ResultFiles": files,
        }
        s3.put_object(Bucket=bucket, Key=manifest, Body=json.dumps(body).encode())
        env.stack.append(
            {
                "MapRunArn": run.map_run_arn,
                "ResultWriterDetails": {"Bucket": bucket, "Key": manifest},
            }
        )

    ResourceEvalS3._handle_put_object = staticmethod(put_object)


def describe_child_executions() -> None:
    """DescribeExecution and GetExecutionHistory of an item's execution."""
    describe = StepFunctionsParserBackend.describe_execution

    def describe_execution(self, execution_arn):
        child = _BY_ARN.get(execution_arn)
        return child or describe(self, execution_arn)

    StepFunctionsParserBackend.describe_execution = describe_execution


def list_child_executions() -> None:
    """ListExecutions of a map run. All at once: tests look at few."""
    list_executions = StepFunctionResponse.list_executions

    def list_executions_or_children(self):
        from moto.core.responses import ActionResult

        arn = self._get_param("mapRunArn")
        if not arn:
            return list_executions(self)
        wanted = self._get_param("statusFilter")
        run = _map_run(self.stepfunction_backend, arn)
        return ActionResult(
            {
                "executions": [
                    {
                        "executionArn": c.execution_arn,
                        "mapRunArn": arn,
                        "name": c.name,
                        "startDate": c.start_date,
                        "stopDate": c.stop_date,
                        "stateMachineArn": c.state_machine_arn,
                        "status": c.status,
                    }
                    for c in list(run.children)
                    if wanted in (None, c.status)
                ]
            }
        )

    StepFunctionResponse.list_executions = list_executions_or_children


def _map_run(backend: StepFunctionsParserBackend, arn: str) -> MapRunRecord:
    for execution in backend._get_executions():
        run = execution.exec_worker.env.map_run_record_pool_manager.get(arn)
        if run is not None:
            return run
    raise ExecutionDoesNotExist(f"Map Run Does Not Exist: '{arn}'")


MENDS = (
    start_children_under_the_role,
    keep_child_executions,
    count_pending_items,
    write_results_by_the_input,
    write_results,
    describe_child_executions,
    list_child_executions,
)
