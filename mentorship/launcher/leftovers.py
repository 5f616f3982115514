"""Notes of what runs, so that the next start can end what a killed launcher left behind."""

import contextlib
import json
import signal
import time
from pathlib import Path

from . import processes
from .credentials import write_private

PATIENCE_SECONDS = 5


def _note(folder: Path, name: str) -> Path:
    return folder / f"{name}.pid"


def remember(folder: Path, *, name: str, pid: int, signature: str) -> None:
    """Note a process group; the signature is a part of its command line."""
    write_private(_note(folder, name), json.dumps({"pid": pid, "signature": signature}) + "\n")


def forget(folder: Path, *, name: str) -> None:
    _note(folder, name).unlink(missing_ok=True)


def end_leftovers(folder: Path) -> list[str]:
    """End what earlier notes name and the command lines prove; return the names."""
    groups = []
    for note in sorted(folder.glob("*.pid")):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            told = json.loads(note.read_text(encoding="utf-8"))
            group, signature = int(told["pid"]), str(told["signature"])
            if processes.members(group, signature):
                groups.append((note.stem, group, signature))
    for _name, group, signature in groups:
        _ask_to_stop(group, signature)
    deadline = time.monotonic() + PATIENCE_SECONDS
    for _name, group, signature in groups:
        while processes.members(group, signature):
            if time.monotonic() > deadline:
                processes.kill_group(group)
            time.sleep(0.05)
    for note in folder.glob("*.pid"):
        note.unlink(missing_ok=True)
    return [name for name, _group, _signature in groups]


def _ask_to_stop(group: int, signature: str) -> None:
    """Ask the parent alone, or the orphans when it is gone."""
    found = processes.members(group, signature)
    parents = [process for process in found if process.pid == group]
    for process in parents or found:
        processes.send(process.pid, signal.SIGTERM)
