"""Ctrl-C, SIGTERM and a closed terminal, seen as one wish to stop."""

import signal
import time
from types import FrameType

TICK_SECONDS = 0.1
ECHO_SECONDS = 1.0  # some programs signal a process and then its whole group


class StopRequested(Exception):
    """Raised while waiting, once somebody asked to stop."""


class StopRequest:
    """A flag that signals set; waiting code looks at it.

    A plain flag and short sleeps: an Event's lock may be held by the very wait that the
    signal handler interrupts.
    """

    def __init__(self) -> None:
        self.count = 0
        self.asked_at = 0.0

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)
        # Under nohup the hang-up stays ignored.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.count == 0 or now - self.asked_at > ECHO_SECONDS:
            self.count += 1
            self.asked_at = now

    @property
    def is_requested(self) -> bool:
        return self.count > 0

    @property
    def is_urgent(self) -> bool:
        """Asked more than once: somebody does not want to wait."""
        return self.count > 1

    def tick(self, seconds: float = TICK_SECONDS) -> None:
        """Wait a moment; raise StopRequested when asked to stop."""
        if self.is_requested:
            raise StopRequested
        time.sleep(seconds)
        if self.is_requested:
            raise StopRequested
