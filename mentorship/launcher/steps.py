"""The checks that are not tests: run side by side, each one's output shown in one piece."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from . import environment
from .console import WIDTH, say
from .processes import CHECKOUT
from .stopping import StopRequest


@dataclass(frozen=True)
class Step:
    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]


@dataclass(frozen=True)
class _Going:
    """A step whose process runs, and the file that takes its output."""

    step: Step
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    started_at: float = field(default_factory=time.monotonic)


def _tool(name: str, *arguments: str) -> tuple[str, ...]:
    return (str(Path(sys.executable).with_name(name)), *arguments)


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)


def static_steps(env: Mapping[str, str]) -> list[Step]:
    """Return everything but the tests; what takes longest begins."""
    production = environment.for_production_check(env)
    manage = str(CHECKOUT / "manage.py")
    deploy = ("check", "--deploy", "--fail-level", "WARNING")
    return [
        Step("mypy", _tool("mypy"), env),
        Step("database for the tests", _python("-m", "tests.template"), env),
        Step("ruff check", _tool("ruff", "check", "."), env),
        Step("ruff format", _tool("ruff", "format", "--check", "."), env),
        Step("import-linter", _tool("lint-imports"), env),
        Step("djlint", _tool("djlint", "--lint", "templates"), env),
        Step("codespell", _tool("codespell"), env),
        Step("migrations", _python(manage, "makemigrations", "--check", "--dry-run"), env),
        Step("production settings", _python(manage, *deploy), production),
        Step("static files", _python(manage, "collectstatic", "--noinput", "-v0"), env),
        Step("compose file", _python("-m", "tests.launcher.compose"), env),
    ]


def run_steps(steps: Sequence[Step], stop: StopRequest, *, processes: int) -> list[str]:
    """Run every step, whatever became of the others; return the names of the failed."""
    waiting, going, failed = list(steps), list[_Going](), []
    try:
        while waiting or going:
            while waiting and len(going) < processes:
                going.append(_start(waiting.pop(0)))
            stop.tick(0.05)
            for run in [run for run in going if run.process.poll() is not None]:
                going.remove(run)
                if _finish(run) != 0:
                    failed.append(run.step.name)
    finally:
        for run in going:
            end(run.process)
            run.output.close()
    return failed


def _start(step: Step) -> _Going:
    output = tempfile.TemporaryFile()  # noqa: SIM115 - closed by whoever ends the step
    process = subprocess.Popen(  # noqa: S603
        list(step.command),
        env=dict(step.env),
        cwd=CHECKOUT,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    return _Going(step, process, output)


def _finish(run: _Going) -> int:
    """Show what a step said and how it ended; return its status."""
    header(run.step.name)
    with run.output as output:
        output.seek(0)
        if said := output.read().decode(errors="replace").strip():
            say(said)
    status = run.process.returncode
    verdict = "ok" if status == 0 else f"FAILED with status {status}"
    say(f"-- {run.step.name}: {verdict}, {time.monotonic() - run.started_at:.1f} s")
    return status


def header(name: str) -> None:
    say(f"\n== {name} ".ljust(WIDTH, "="))


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that still runs: kindly, then not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def side_by_side(most: int) -> int:
    """Return how many processes this machine bears."""
    return min(os.cpu_count() or 1, most)
