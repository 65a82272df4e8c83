"""Starts moto's server with the patches of the modules below, which are for where
moto differs from AWS in a way that this project meets. docs/moto.md lists them.

Takes moto_server's own arguments. MOTO_PORT must hold the port of the gateway in
front of it, where the Step Functions interpreter sends its calls, and ROOT_KEY the
root user's key.
"""

import sys
from importlib import import_module

# Each patches moto when it is imported.
MODULES = (
    "performance",  # First, and then clients: moto's other modules import what they replace.
    "clients",
    "principals",
    "authorization",
    "executions",
    "map_runs",
    "map_results",
    "cloudformation",
    "cloudformation_resources",
    "rules",
    "s3",
    "ssm",
    "transfer",
    "connectors",
    "secrets_manager",
    "performance_of_services",
)


def main() -> None:
    for module in MODULES:
        import_module(module)

    from moto.server import main as serve

    serve(sys.argv[1:])


if __name__ == "__main__":
    main()
