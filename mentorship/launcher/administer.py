"""`bin/manage`: Django's commands with the environment of the running site."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from .environment import FIXED
from .problem import Problem
from .processes import CHECKOUT


def administer(arguments: Sequence[str]) -> None:
    """Become `manage.py`, with the variables that the running `bin/serve` has noted."""
    note = Path(os.environ.get("VAR_DIR") or CHECKOUT / "var") / "run" / "environment.json"
    try:
        noted = json.loads(note.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if not (os.environ.get("DATABASE_URL") and os.environ.get("SECRET_KEY")):
            raise Problem(
                "Alongside does not run. Start it with bin/serve in another terminal first."
            ) from None
        noted = {}
    except PermissionError:
        raise Problem(f"{note} belongs to another user: run this as the one who runs it.") from None
    env = {**noted, **FIXED, **os.environ}
    manage = str(CHECKOUT / "manage.py")
    os.execve(sys.executable, [sys.executable, manage, *arguments], env)  # noqa: S606
