"""Keeps every part running, and stops them all."""

import time
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Protocol

from . import leftovers, processes
from .console import say_with_time
from .parts import GRACE_SECONDS
from .problem import Problem
from .stopping import StopRequest

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
STEADY_SECONDS = 60.0  # whoever ran this long starts afresh with its delays


class Startable(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def log(self) -> Path: ...

    @property
    def signature(self) -> str:
        """A part of the command line; empty for a server that recovers by itself."""

    def start(self) -> Popen[bytes]: ...


class Server(Startable, Protocol):
    def end(self, process: Popen[bytes]) -> None: ...


@dataclass
class Watched:
    part: Startable
    server: Server | None
    process: Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    due_at: float = 0.0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


def delay_after(failures: int) -> float:
    """Return the pause before the next start, doubled with each failure in a row."""
    return min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2.0 ** min(failures - 1, 10))


def death_in_words(status: int) -> str:
    return f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"


class Supervisor:
    """Starts parts in order, starts again what dies, stops in reverse order.

    Not for several threads: the kernel ties a child's life to the thread that made it.
    """

    def __init__(self, *, run_folder: Path, stop: StopRequest) -> None:
        self.run_folder = run_folder
        self.stop = stop
        self.watched: list[Watched] = []

    def start_server(self, server: Server) -> None:
        self._begin(Watched(part=server, server=server))

    def start(self, part: Startable) -> Watched:
        return self._begin(Watched(part=part, server=None))

    def _begin(self, watched: Watched) -> Watched:
        self._launch(watched)
        self.watched.append(watched)
        return watched

    def _launch(self, watched: Watched) -> None:
        process = watched.part.start()
        watched.process, watched.started_at = process, time.monotonic()
        if watched.part.signature:
            leftovers.remember(
                self.run_folder,
                name=watched.part.name,
                pid=process.pid,
                signature=watched.part.signature,
            )

    def look(self) -> None:
        """Look once at every part: note who died, start again whose pause is over."""
        for watched in self.watched:
            if watched.process is None:
                if time.monotonic() >= watched.due_at:
                    self._start_again(watched)
            elif watched.process.poll() is not None:
                self._note_death(watched, watched.process)

    def _note_death(self, watched: Watched, process: Popen[bytes]) -> None:
        # A killed parent's children would go on without anybody to watch them.
        processes.kill_group(process.pid)
        lived = time.monotonic() - watched.started_at
        self._postpone(watched, 1 if lived > STEADY_SECONDS else watched.failures + 1)
        say_with_time(
            f"{watched.part.name} {death_in_words(process.returncode)};"
            f" it starts again in {delay_after(watched.failures):g} s. See {watched.part.log}"
        )

    def _postpone(self, watched: Watched, failures: int) -> None:
        watched.process = None
        watched.failures = failures
        watched.due_at = time.monotonic() + delay_after(failures)

    def _start_again(self, watched: Watched) -> None:
        try:
            self._launch(watched)
        except (Problem, OSError) as problem:
            say_with_time(f"{watched.part.name} cannot start: {problem}")
            self._postpone(watched, watched.failures + 1)
        else:
            say_with_time(f"{watched.part.name} runs again")

    def run_until_stopped(self) -> None:
        while not self.stop.is_requested:
            self.look()
            time.sleep(0.1)

    def stop_all(self) -> None:
        """Stop parts together, in reverse order, then the servers, databases last."""
        parts = [watched for watched in reversed(self.watched) if watched.server is None]
        for watched in parts:
            if watched.process is not None and watched.is_running:
                watched.process.terminate()
        self._wait(parts)
        for watched in parts:
            if watched.process is not None:
                processes.end_group(watched.process, grace_seconds=0)
            leftovers.forget(self.run_folder, name=watched.part.name)
        for watched in reversed(self.watched):
            if watched.server is not None:
                if watched.process is not None:
                    watched.server.end(watched.process)
                leftovers.forget(self.run_folder, name=watched.part.name)
        self.watched.clear()

    def _wait(self, parts: list[Watched]) -> None:
        """Give running jobs their time, unless somebody asks a second time."""
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline and not self.stop.is_urgent:
            if not any(watched.is_running for watched in parts):
                return
            time.sleep(0.05)
