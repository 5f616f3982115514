"""What the person at the terminal reads."""

import contextlib
import sys
import time
from collections.abc import Iterable
from pathlib import Path

WIDTH = 78


def say(sentence: str) -> None:
    """Print one line; a terminal that went away must not end the launcher."""
    with contextlib.suppress(OSError, ValueError):
        print(sentence, flush=True)


def say_with_time(sentence: str) -> None:
    say(f"{time.strftime('%H:%M:%S')}  {sentence}")


def complain(sentence: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(sentence, file=sys.stderr, flush=True)


def block(lines: Iterable[str]) -> None:
    rule = "=" * WIDTH
    say("\n".join(["", rule, *(f"  {line}".rstrip() for line in lines), rule, ""]))


def last_lines(log: Path, count: int = 15) -> str:
    """Return the end of a log, indented, to show beside an error."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(f"    {line}" for line in lines[-count:])
