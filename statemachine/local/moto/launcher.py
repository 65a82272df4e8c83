"""moto's server, mended where it differs from AWS in a way this project meets.

Takes moto_server's own arguments. MOTO_PORT must hold the port of the proxy in
front of it, where the Step Functions interpreter sends its calls, and ROOT_KEY the
root user's key.
"""

import sys

# First, because other modules of moto take hold of what it replaces.
import clients  # noqa: F401

import authorization
import children
import cloudformation
import events
import interpreter
import notifications
import principals
import roles
import statuses
import storage


def main() -> None:
    for mend in (
        *principals.MENDS,
        *authorization.MENDS,
        *interpreter.MENDS,
        *children.MENDS,
        *cloudformation.MENDS,
        *events.MENDS,
        *notifications.MENDS,
        *roles.MENDS,
        *statuses.MENDS,
        *storage.MENDS,
    ):
        mend()

    from moto.server import main as serve

    serve(sys.argv[1:])


if __name__ == "__main__":
    main()
