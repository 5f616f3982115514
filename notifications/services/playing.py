"""Let time pass: run the planners and the sender over simulated days, by the rules of real ones.

A rehearsal plays in a transaction that is rolled back; a simulation plays on a database of its own.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from notifications import registry
from notifications.letters import Letter
from notifications.models import Message, MessageState
from notifications.services.bundling import Item
from notifications.services.sending import Sender

MOST_AT_A_TICK = 20_000
LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Played:
    """One message that went to somebody: as a mail of its own, or as a part of one."""

    at: datetime
    recipient_id: int
    recipient_name: str
    time_zone: str
    kind: str
    match_id: int | None
    cohort_id: int | None
    mail_id: str
    subject: str
    text: str
    takes_share: bool

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.subject, self.text)


def without_secrets(text: str) -> str:
    """Return the text with its links cut to the site: signed addresses belong to their reader."""
    return LINK.sub(lambda found: "/".join(found.group().split("/")[:4]) + "/…", text)


def fingerprint(subject: str, text: str) -> str:
    """Return a hash of what a person reads, whatever the signed links in it."""
    read = "\n".join([subject, *without_secrets(text).splitlines()])
    return sha256(read.encode()).hexdigest()


class Clock:
    """Shows the simulated moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Nowhere:
    """A mail server that takes everything and keeps nothing."""

    def offer(self, *, sender: str, recipients: Sequence[str]) -> None: ...

    def deliver(self, content: bytes, *, name: str) -> str:
        return ""

    def forget(self) -> None: ...

    def close(self) -> None: ...


class Player(Sender):
    """A sender that notes what would go, and when."""

    def __init__(self, clock: Clock, *, is_durable: bool) -> None:
        super().__init__(clock=clock, transport=Nowhere(), is_durable=is_durable)
        self.simulated = clock
        self.played: list[Played] = []

    def hand_over(self, items: Sequence[Item], letter: Letter) -> None:
        now = self.simulated.now
        for item in items:
            row, person = item.message, item.message.recipient
            self.played.append(
                Played(
                    at=now,
                    recipient_id=person.pk,
                    recipient_name=person.get_full_name(),
                    time_zone=person.time_zone,
                    kind=row.kind,
                    match_id=row.match_id,
                    cohort_id=row.cohort_id,
                    mail_id=letter.message_id,
                    subject=letter.subject,
                    text=letter.text,
                    takes_share=bool(item.kind.takes),
                )
            )
        super().hand_over(items, letter)

    def send_until(self, end: datetime, *, stop: float | None = None) -> bool:
        """Send what is due before ``end``, each row at its own moment.

        False when the real time ``stop``, of the monotonic clock, came first: the simulated clock
        stands where it got to.
        """
        start = self.simulated.now
        for _turn in range(MOST_AT_A_TICK):
            due = Message.objects.filter(state=MessageState.DUE, due_at__lt=end)
            first = due.order_by("due_at").values_list("due_at", flat=True).first()
            if first is None:
                return True
            self.simulated.now = max(start, self.simulated.now, first)
            if not self._send_until_now(stop=stop):
                return False
        return False

    def _send_until_now(self, *, stop: float | None) -> bool:
        """Send what is due by the simulated moment; False when the real time was up before."""
        rows = Message.objects.filter(state=MessageState.DUE, due_at__lte=self.simulated.now)
        for pk in list(rows.order_by("due_at", "id").values_list("pk", flat=True)[:MOST_AT_A_TICK]):
            if stop is not None and time.monotonic() > stop:
                return False
            message = self.claim(pk)
            if message is not None:
                self.carry(message)
        return True


def _next(at: datetime, tick: timedelta) -> datetime:
    """Return the first tick after ``at``."""
    midnight = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + ((at - midnight) // tick + 1) * tick


def play(
    *,
    start: datetime,
    end: datetime,
    tick: timedelta,
    is_durable: bool,
    before: Callable[[datetime], Any] | None = None,
    runs_at: Callable[[datetime], bool] = lambda now: True,
    seconds: float | None = None,
) -> tuple[list[Played], datetime]:
    """Play the planners and the sender from ``start`` to ``end``; return what went, and until when.

    Ticks are counted from midnight UTC, when days change for the planners. ``before`` runs at each
    tick, for what people do; ``runs_at`` False leaves a tick's planners and sender out, as an
    outage does. ``seconds`` bounds the real time. Effects: as the planners and the sender have, but
    that no mail leaves.
    """
    clock = Clock(start)
    stop = None if seconds is None else time.monotonic() + seconds
    player = Player(clock, is_durable=is_durable)
    at = start
    while at < end:
        clock.now = at
        if stop is not None and time.monotonic() > stop:
            break
        if before is not None:
            before(at)
        if runs_at(at):
            for planner in registry.every_planner():
                planner.run(now=at)
            if not player.send_until(_next(at, tick), stop=stop):
                return player.played, clock.now
        at = _next(at, tick)
    return player.played, at
