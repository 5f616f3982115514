"""`python -m mentorship.launcher serve|test|manage`; called by the scripts in `bin/`."""

import sys
from collections.abc import Sequence

from .console import complain
from .problem import Problem
from .stopping import StopRequested


def main(arguments: Sequence[str]) -> int:
    """Run one of the launcher's commands and return its exit status."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    try:
        return _run(command, rest)
    except Problem as problem:
        complain(f"\n{problem}\n")
        return 1
    except (StopRequested, KeyboardInterrupt):
        return 130


def _run(command: str, rest: Sequence[str]) -> int:
    if command == "serve":
        from .serve import serve

        if rest:
            raise Problem("bin/serve takes no arguments. The port goes first: PORT=8001 bin/serve")
        return serve()
    if command == "test":
        from .checks import check

        return check(rest)
    if command == "manage":
        from .administer import administer

        administer(rest)
    if command == "prepare":
        from .prepare import prepare

        return prepare()
    raise Problem("Use bin/serve, bin/test or bin/manage.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
