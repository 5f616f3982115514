"""Supervision, tried with small programs in place of the product's."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mentorship.launcher import leftovers, processes
from mentorship.launcher.parts import Part
from mentorship.launcher.stopping import StopRequest, StopRequested
from mentorship.launcher.supervise import death_in_words, delay_after

PATIENT = "import time; time.sleep(60)"
WITH_CHILD = (
    "import subprocess, sys, time;"
    f" subprocess.Popen([sys.executable, '-c', {PATIENT!r}]); time.sleep(60)"
)
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True)"
STUBBORN += "; time.sleep(60)"


def make_part(folder: Path, name: str, program: str) -> Part:
    return Part(
        name=name,
        command=(sys.executable, "-c", program),
        env={"PATH": os.defpath},
        log=folder / "log" / f"{name}.log",
    )


def wait_for(condition, seconds: float = 10):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def group(pid: int) -> list[int]:
    return sorted(found.pid for found in processes.running() if found.group == pid)


def test_part_killed_starts_again_and_its_orphans_are_ended(folder, supervisor, capsys):
    watched = supervisor.start(make_part(folder, "worker", WITH_CHILD))
    first = watched.process.pid
    wait_for(lambda: len(group(first)) == 2)
    watched.process.kill()
    watched.process.wait()

    supervisor.look()
    assert wait_for(lambda: group(first) == [])
    watched.due_at = 0
    supervisor.look()

    assert watched.is_running
    assert watched.process.pid != first
    assert "worker was killed by signal 9; it starts again in 0.5 s" in capsys.readouterr().out


def test_part_that_cannot_start_is_tried_later(folder, supervisor):
    part = make_part(folder, "web", PATIENT)
    watched = supervisor.start(part)
    watched.process.kill()
    watched.process.wait()
    supervisor.look()
    (folder / "log").rename(folder / "gone")
    watched.due_at = 0

    supervisor.look()
    assert (watched.process, watched.failures) == (None, 2)
    (folder / "gone").rename(folder / "log")
    watched.due_at = 0
    supervisor.look()

    assert watched.is_running


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 0.5), (2, 1.0), (3, 2.0), (6, 16.0), (7, 30.0), (5000, 30.0)]
)
def test_delay_doubles_up_to_half_a_minute(failures, seconds):
    assert delay_after(failures) == seconds


def test_death_is_told_in_words():
    assert death_in_words(-9) == "was killed by signal 9"
    assert death_in_words(3) == "ended with status 3"


def test_stop_asks_the_parent_only_and_leaves_nobody(folder, supervisor):
    """A worker's children finish their job; only the parent hears of the wish to stop."""
    child = f"signal.signal(15, lambda *_: open({str(folder / 'asked')!r}, 'w')); time.sleep(0.5)"
    program = (
        "import os, signal, time\n"
        "pid = os.fork()\n"
        f"if pid == 0:\n    {child}\n    os._exit(0)\n"
        "signal.signal(15, lambda *_: (os.waitpid(pid, 0), os._exit(0)))\n"
        "print('up', flush=True)\n"
        "time.sleep(60)"
    )
    watched = supervisor.start(make_part(folder, "worker", program))
    process = watched.process
    wait_for(lambda: "up" in watched.part.log.read_text())

    supervisor.stop_all()

    assert process.returncode == 0
    assert group(process.pid) == []
    assert not (folder / "asked").exists()
    assert list((folder / "run").glob("*.pid")) == []


def test_stop_kills_who_does_not_listen_after_the_grace(folder, supervisor, monkeypatch):
    monkeypatch.setattr("mentorship.launcher.supervise.GRACE_SECONDS", 0.3)
    watched = supervisor.start(make_part(folder, "worker", STUBBORN))
    process = watched.process
    wait_for(lambda: "up" in watched.part.log.read_text())

    supervisor.stop_all()

    assert process.returncode == -signal.SIGKILL


def test_stop_asked_twice_does_not_wait(folder, supervisor):
    watched = supervisor.start(make_part(folder, "worker", STUBBORN))
    wait_for(lambda: "up" in watched.part.log.read_text())
    supervisor.stop.count = 2
    began = time.monotonic()

    supervisor.stop_all()

    assert time.monotonic() - began < 5


def test_leftover_is_ended_and_a_stranger_under_its_number_is_not(folder):
    run_folder = folder / "run"
    ours = subprocess.Popen([sys.executable, "-c", PATIENT], start_new_session=True)
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    leftovers.remember(run_folder, name="web", pid=ours.pid, signature=sys.executable)
    leftovers.remember(run_folder, name="beat", pid=stranger.pid, signature=sys.executable)
    (run_folder / "broken.pid").write_text("no note of ours")
    try:
        assert leftovers.end_leftovers(run_folder) == ["web"]

        assert ours.wait(5) == -signal.SIGTERM
        assert stranger.poll() is None
        assert list(run_folder.glob("*.pid")) == []
    finally:
        for process in (ours, stranger):
            process.kill()
            process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of it")
def test_children_end_when_the_launcher_is_killed(folder):
    launcher = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, pathlib, time\n"
            "from mentorship.launcher.processes import spawn\n"
            f"log = pathlib.Path({str(folder / 'log' / 'child.log')!r})\n"
            f"print(spawn(['sleep', '60'], env=dict(os.environ), log=log).pid, flush=True)\n"
            "time.sleep(60)",
        ],
        cwd=processes.CHECKOUT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with launcher:
        child = int(launcher.stdout.readline())
        assert processes.command_of(child) == "sleep 60"
        launcher.kill()

    wait_for(lambda: processes.command_of(child) == "")


def test_command_run_to_its_end_tells_its_status(folder):
    log = folder / "log" / "command.log"

    status = processes.run(
        ["/bin/sh", "-c", "echo said; exit 3"], env={}, log=log, stop=StopRequest()
    )

    assert (status, log.read_text()) == (3, "said\n")


def test_command_is_ended_when_somebody_asks_to_stop(folder):
    stop = StopRequest()
    stop.count = 1

    with pytest.raises(StopRequested):
        processes.run(
            ["sleep", "60"], env={"PATH": os.defpath}, log=folder / "log" / "x", stop=stop
        )


def test_delay_starts_afresh_after_a_steady_run(folder, supervisor):
    watched = supervisor.start(make_part(folder, "web", "raise SystemExit(1)"))
    watched.failures = 6
    watched.started_at = time.monotonic() - 61
    watched.process.wait()

    supervisor.look()

    assert watched.failures == 1
