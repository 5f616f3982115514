"""`bin/test`: every check, on private throw-away servers."""

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import chromium, environment, folders, postgres, servers
from .console import say
from .credentials import generate
from .processes import CHECKOUT
from .steps import end, header, run_steps, side_by_side, static_steps
from .stopping import StopRequest
from .supervise import Supervisor

NO_TEST_RAN = 5  # pytest's own status for it
DEFAULT_SELECTION = ("-m", "not slow")
MOST_PROCESSES = 4  # each has a database and a queue of its own
FIGURES = (sys.executable, "bench/pairing.py", "--quick")  # printed, held against nothing
TEMPLATE = "alongside_empty"  # the migrated database that each of them copies


@dataclass(frozen=True)
class Wishes:
    """What the command line asks for: everything, everything and the slow, or some tests."""

    selection: tuple[str, ...]
    with_slow: bool

    @classmethod
    def read(cls, arguments: Sequence[str]) -> "Wishes":
        rest = tuple(argument for argument in arguments if argument != "--all")
        return cls(selection=rest, with_slow=len(rest) != len(arguments))

    @property
    def pytest_arguments(self) -> tuple[str, ...]:
        chosen = any(word.startswith("-m") for word in self.selection)
        return self.selection if self.with_slow or chosen else DEFAULT_SELECTION + self.selection

    def turns(self, processes: int) -> list[tuple[str, ...]]:
        """Return pytest's arguments for each turn.

        Everything is run side by side, then alone what kills servers, watches the clock or is slow;
        a chosen part is run in one turn.
        """
        if self.selection or processes < 2:
            return [self.pytest_arguments]
        beside = ("-n", str(processes), "--dist", "worksteal", "-m", "not slow and not faults")
        return [beside, ("-m", "slow or faults" if self.with_slow else "faults and not slow")]


def check(arguments: Sequence[str]) -> int:
    """Run the checks and return 0 only when all of them pass."""
    os.umask(0o077)
    stop = StopRequest()
    stop.listen()
    wishes = Wishes.read(arguments)
    browser = chromium.find()
    folder = Path(tempfile.mkdtemp(prefix="alongside-test-", dir=folders.short_temporary()))
    try:
        with private_servers(folder, stop) as urls:
            env = environment.for_tests(folder=folder, servers=urls, chromium=browser or "")
            env["TEST_MAY_CRASH"] = "yes"  # nobody else's server is harmed by a fault test
            failed = []
            if not wishes.selection:
                env["TEST_TEMPLATE"] = TEMPLATE
                processes = side_by_side(MOST_PROCESSES)
                failed = run_steps(static_steps(env), stop, processes=processes)
                header("what pairing costs")
                failed += ["pairing's figures"] if _run(FIGURES, env, stop) else []
            if browser is None and os.environ.get("CI") == "true":
                failed.append("Chromium")
            _summarise(failed, browser)
            status = _run_tests(wishes, env, folder, stop)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return status or (1 if failed else 0)


@contextmanager
def private_servers(folder: Path, stop: StopRequest) -> Iterator[dict[str, str]]:
    """Run a database and a queue that nobody else uses and that forget everything."""
    folder.chmod(folders.PASSABLE)
    folders.own_folder(folder / "log")
    for name in ("var", "var/static"):  # WhiteNoise warns without its folder
        folders.own_folder(folder / name)
    run_folder = folders.own_folder(folder / "run", mode=folders.PASSABLE)
    supervisor = Supervisor(run_folder=run_folder, stop=stop)
    try:
        started = servers.start(
            var=folder,
            credentials=generate(),
            supervisor=supervisor,
            stop=stop,
            settings=postgres.THROW_AWAY,
            obey_environment=False,
        )
        yield started.urls
    finally:
        supervisor.stop_all()


def _run(command: Sequence[str], env: Mapping[str, str], stop: StopRequest) -> int:
    """Run in this terminal; a wish to stop is passed on."""
    process = subprocess.Popen(list(command), env=dict(env), cwd=CHECKOUT)  # noqa: S603
    try:
        while process.poll() is None:
            stop.tick(0.05)
    finally:
        end(process)
    return process.wait()


def _summarise(failed: Sequence[str], browser: str | None) -> None:
    """Say how the checks went before pytest starts, whose own summary ends the output."""
    if browser is None:
        say(f"\n{chromium.HOW_TO_GET_IT}")
    if failed:
        names = ", ".join(failed)
        say(f"\n!! FAILED so far: {names}. The run ends as failed, whatever follows.")


def _run_tests(wishes: Wishes, env: Mapping[str, str], folder: Path, stop: StopRequest) -> int:
    """Run pytest in its turns, the later ones too when an earlier one failed."""
    processes = side_by_side(MOST_PROCESSES)
    statuses = []
    for number, arguments in enumerate(wishes.turns(processes), start=1):
        report = folder / f"tests-{number}.xml"
        header(f"pytest, turn {number}" if number > 1 else "pytest")
        command = (sys.executable, "-m", "pytest", f"--junitxml={report}", *arguments)
        status = _run(command, env, stop)
        if status == 0 and report.exists() and executed_tests(report) == 0:
            say("Every test was skipped: a run that executes no test counts as failed.")
            status = NO_TEST_RAN
        statuses.append(status)
    if NO_TEST_RAN in statuses and not wishes.with_slow:
        say("No test ran. Tests marked slow run with: bin/test --all")
    return max(statuses)


def executed_tests(report: Path) -> int:
    """Count the tests in pytest's report that were not skipped."""
    suites = ElementTree.parse(report).getroot().iter("testsuite")  # noqa: S314 - our own file
    return sum(int(suite.get("tests", "0")) - int(suite.get("skipped", "0")) for suite in suites)
