"""Checks that are not tests run side by side, and each shows what it said in one piece."""

import os
import sys
import time

import pytest

from mentorship.launcher.steps import Step, run_steps
from mentorship.launcher.stopping import StopRequest, StopRequested

MEETS = """
import pathlib, sys, time
mine, other = map(pathlib.Path, sys.argv[1:])
mine.touch()
print("first line")
until = time.monotonic() + 20
while not other.exists() and time.monotonic() < until:
    time.sleep(0.01)
print("last line")
sys.exit(0 if other.exists() else 1)
"""


def _step(name: str, code: str, *arguments: str) -> Step:
    return Step(name, (sys.executable, "-c", code, *arguments), dict(os.environ))


def test_steps_run_side_by_side_and_show_their_output_whole(tmp_path, capfd):
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    steps = [_step("one", MEETS, one, two), _step("two", MEETS, two, one)]

    failed = run_steps(steps, StopRequest(), processes=2)

    assert failed == []
    assert capfd.readouterr().out.count("first line\nlast line\n-- ") == 2


def test_failed_step_is_named_and_the_others_still_run(capfd):
    steps = [_step("bad", "print('why'); raise SystemExit(3)"), _step("good", "print('fine')")]

    failed = run_steps(steps, StopRequest(), processes=1)

    assert failed == ["bad"]
    said = capfd.readouterr().out
    assert "why\n-- bad: FAILED with status 3" in said
    assert "fine\n-- good: ok" in said


def test_wish_to_stop_ends_what_runs():
    stop = StopRequest()
    stop.count = 1
    started_at = time.monotonic()

    with pytest.raises(StopRequested):
        run_steps([_step("long", "import time; time.sleep(60)")], stop, processes=1)

    assert time.monotonic() - started_at < 30
