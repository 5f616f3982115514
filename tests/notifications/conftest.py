from __future__ import annotations

from collections.abc import Iterator

import pytest

from notifications import registry
from notifications.models import Message
from notifications.registry import MessageKind
from notifications.services import queue_message
from tests.conftest import NOW
from tests.smtp_sink import SmtpSink


class Kinds:
    """Two kinds that tests send: one that must arrive, one that is only nice to have."""

    def __init__(self) -> None:
        self.reason = ""
        self.context: dict = {"cohort": {"name": "Autumn"}, "url": "https://example.org/x"}

    def register(self) -> None:
        for name, is_required in (("test.required", True), ("test.nudge", False)):
            registry.register(
                MessageKind(
                    name=name,
                    template="mail/feedback/help_asked",
                    title="Test mail",
                    why="You get this because of a test.",
                    is_required=is_required,
                    may_stop=not is_required,
                    is_still_due=lambda message, now: self.reason,
                    context=lambda message: self.context,
                )
            )


@pytest.fixture
def kinds() -> Iterator[Kinds]:
    known = dict(registry._KINDS)
    kinds = Kinds()
    kinds.register()
    yield kinds
    registry._KINDS.clear()
    registry._KINDS.update(known)


@pytest.fixture
def sink(settings) -> Iterator[SmtpSink]:
    with SmtpSink() as sink:
        settings.MAIL = sink.settings
        settings.EMAIL_TIMEOUT = 2
        yield sink


def queue(person, *, kind: str = "test.required", occasion: str = "1", **values) -> Message:
    queue_message(kind=kind, recipient=person, occasion=occasion, now=NOW, **values)
    return Message.objects.get(recipient=person, kind=kind, occasion=occasion)
