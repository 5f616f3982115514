"""Signals become one wish to stop."""

import os
import signal

import pytest

from mentorship.launcher import stopping
from mentorship.launcher.stopping import StopRequest, StopRequested

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture
def stop():
    """Listen as a program does that was started by hand, even where nohup started the tests."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in NUMBERS}
    stop = StopRequest()
    stop.listen()
    yield stop
    for number, handler in before.items():
        signal.signal(number, handler)


def test_nobody_asked_lets_work_go_on(stop):
    stop.tick(0)

    assert (stop.is_requested, stop.is_urgent) == (False, False)


@pytest.mark.parametrize("number", NUMBERS)
def test_signal_ends_the_waiting(stop, number):
    os.kill(os.getpid(), number)

    with pytest.raises(StopRequested):
        stop.tick()
    assert (stop.is_requested, stop.is_urgent) == (True, False)


def test_echo_of_a_signal_is_no_second_wish(stop):
    os.kill(os.getpid(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)

    assert stop.is_urgent is False


def test_second_wish_is_urgent(stop, monkeypatch):
    monkeypatch.setattr(stopping, "ECHO_SECONDS", -1.0)
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGINT)

    assert stop.is_urgent is True


def test_hang_up_that_nohup_ignores_stays_ignored(stop):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    other = StopRequest()
    other.listen()

    os.kill(os.getpid(), signal.SIGHUP)

    assert other.is_requested is False
