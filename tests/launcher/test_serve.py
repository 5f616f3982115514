"""`bin/serve` as a person meets it: the real scripts, programs and signals."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mentorship.launcher import folders, processes
from tests.launcher.serving import Serving, free_port


@pytest.fixture
def serving(folder: Path) -> Iterator[Serving]:
    serving = Serving(folders.own_folder(folder / "var", mode=folders.PASSABLE), free_port())
    yield serving
    if serving.process is not None and serving.process.poll() is None:
        serving.stop()


def test_serve_on_a_port_in_use_says_so_and_starts_nothing(folder):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "mentorship.launcher", "serve"],
            cwd=processes.CHECKOUT,
            env={"PATH": os.defpath, "PORT": str(port), "VAR_DIR": str(folder / "var")},
            capture_output=True,
            text=True,
        )

    assert done.returncode == 1
    assert f"Port {port} is in use" in done.stderr
    assert "PORT=" in done.stderr
    assert not (folder / "var" / "secrets.json").exists()
    assert not (folder / "var" / "postgres").exists()


def test_manage_without_a_running_site_says_how_to_start_it(folder):
    done = subprocess.run(
        [sys.executable, "-m", "mentorship.launcher", "manage", "check"],
        cwd=processes.CHECKOUT,
        env={"PATH": os.defpath, "VAR_DIR": str(folder / "var")},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "Start it with bin/serve" in done.stderr


@pytest.mark.faults
def test_serve_survives_kills_keeps_its_data_and_leaves_nobody(serving):
    serving.start()
    assert serving.answer("/health/live")[0] == 200
    assert stat.S_IMODE((serving.var / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((serving.var / "demo-logins.json").stat().st_mode) == 0o600
    logins = json.loads((serving.var / "demo-logins.json").read_text())
    assert all(login["email"] in serving.said for login in logins.values())
    serving.wait_for(lambda: serving.answer("/health/ready")[0] == 200)

    killed = {part: serving.pid(part) for part in ("worker-default", "web", "valkey")}
    killed["postgres"] = int((serving.var / "postgres" / "postmaster.pid").read_text().split()[0])
    for pid in killed.values():
        os.kill(pid, signal.SIGKILL)
    serving.wait_for(lambda: all(f"{part} runs again" in serving.said for part in killed))
    assert serving.answer("/health/live")[0] == 200
    serving.wait_for(lambda: serving.answer("/health/ready")[0] == 200)

    assert serving.stop() == 0
    assert serving.alive() == []
    assert list((serving.var / "run").glob("*.pid")) == []

    collected_at = (serving.var / "run" / "static.stamp").stat().st_mtime_ns
    serving.start()
    assert re.search(r"started in [\d.]+ s", serving.said)
    # What makes a second start quick: nothing is collected, migrated or filled again.
    assert (serving.var / "run" / "static.stamp").stat().st_mtime_ns == collected_at
    assert "Applying " not in serving.said
    assert json.loads((serving.var / "demo-logins.json").read_text()) == logins
    assert serving.stop(signal.SIGINT) == 0
    assert serving.alive() == []


@pytest.mark.slow
@pytest.mark.faults
def test_serve_killed_itself_recovers_at_the_next_start(serving):
    serving.start()
    serving.wait_for(lambda: serving.answer("/health/ready")[0] == 200)
    stuck = serving.pid("worker-heavy")
    os.kill(stuck, signal.SIGSTOP)
    time.sleep(0.5)  # a signal that comes later must find it stopped
    serving.process.kill()
    serving.process.wait()

    serving.start()

    assert "Ended worker-heavy, left behind by an earlier start." in serving.said
    assert processes.command_of(stuck) == ""
    assert serving.answer("/health/live")[0] == 200
    assert serving.stop() == 0
    assert serving.alive() == []


@pytest.mark.slow
def test_second_serve_from_the_same_folder_names_the_first(serving):
    serving.start()

    done = subprocess.run(
        [sys.executable, "-m", "mentorship.launcher", "serve"],
        cwd=processes.CHECKOUT,
        env={"PATH": os.defpath, "PORT": str(free_port()), "VAR_DIR": str(serving.var)},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert f"already runs from this folder, at http://127.0.0.1:{serving.port}" in done.stderr
    assert serving.answer("/health/live")[0] == 200
