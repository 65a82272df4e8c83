"""Prints, as JSON, the names of an account's resources, by kind."""

import json

import boto3
import jmespath

KINDS = [
    ("cloudformation", "describe_stacks", "Stacks[].StackName"),
    ("cloudwatch", "describe_alarms", "MetricAlarms[].AlarmName"),
    ("cloudwatch", "list_dashboards", "DashboardEntries[].DashboardName"),
    ("events", "list_rules", "Rules[].Name"),
    ("iam", "list_policies", "Policies[].PolicyName"),
    ("iam", "list_roles", "Roles[].RoleName"),
    ("iam", "list_users", "Users[].UserName"),
    ("kms", "list_keys", "Keys[].KeyId"),
    ("lambda", "list_functions", "Functions[].FunctionName"),
    ("logs", "describe_log_groups", "logGroups[].logGroupName"),
    ("s3", "list_buckets", "Buckets[].Name"),
    ("scheduler", "list_schedules", "Schedules[].Name"),
    ("sns", "list_subscriptions", "Subscriptions[].Endpoint"),
    ("sns", "list_topics", "Topics[].TopicArn"),
    ("sqs", "list_queues", "QueueUrls"),
    ("ssm", "describe_parameters", "Parameters[].Name"),
    ("stepfunctions", "list_state_machines", "stateMachines[].name"),
]

found = {}
for service, operation, names in KINDS:
    answer = getattr(boto3.client(service), operation)()
    found[f"{service} {operation}"] = sorted(jmespath.search(names, answer) or [])
print(json.dumps(found, indent=1))
