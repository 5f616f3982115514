"""This app's part of a person's data: what they answered about their matches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import (
    Eraser,
    Exporter,
    Row,
    leave_out,
    register_eraser,
    register_exporter,
)
from feedback.models import SCALES, AnswerReading, CheckIn, FitQuestion, FitWords, Pulse, PulseWords


def register() -> None:
    register_exporter(
        Exporter(
            name="check_ins",
            title=_("Your check-ins"),
            fields={
                "due_on": _("About the time until"),
                "status": _("Status"),
                "answer": _("Answer"),
                "answered_at": _("Answered"),
            },
            rows=_check_ins,
            covers=("feedback.CheckIn.user",),
        )
    )
    register_exporter(
        Exporter(
            name="fit",
            title=_("Whether your match fits"),
            fields={
                "asked_on": _("Asked"),
                "answer": _("Answer"),
                "words": _("What you wrote"),
                "answered_at": _("Answered"),
            },
            rows=_fit,
            covers=("feedback.FitQuestion.user",),
        )
    )
    register_exporter(
        Exporter(
            name="pulse",
            title=_("How you were doing"),
            fields={
                "asked_on": _("Asked"),
                **SCALES,
                "words": _("What you wrote"),
                "answered_at": _("Answered"),
            },
            rows=_pulses,
        )
    )
    register_exporter(
        Exporter(
            name="answers_seen",
            title=_("Who has seen your answers"),
            fields={"reader": _("Who"), "read_at": _("When")},
            rows=_readings,
        )
    )
    leave_out(
        {"feedback.AnswerReading.reader": "It stands with the answers of those who were read."}
    )
    register_eraser(Eraser(name="feedback", erase=_erase))


def _check_ins(person: User) -> Iterator[Row]:
    for row in CheckIn.objects.filter(user=person).order_by("pk"):
        yield {
            "due_on": row.due_on,
            "status": row.get_status_display(),
            "answer": row.get_answer_display(),
            "answered_at": row.answered_at,
        }


def _fit(person: User) -> Iterator[Row]:
    rows = FitQuestion.objects.filter(user=person).select_related("words")
    for row in rows.order_by("pk"):
        words = getattr(row, "words", None)
        yield {
            "asked_on": row.asked_on,
            "answer": row.get_answer_display(),
            "words": words.text if words else "",
            "answered_at": row.answered_at,
        }


def _pulses(person: User) -> Iterator[Row]:
    rows = Pulse.objects.of(person).select_related("words")
    for row in rows.order_by("pk"):
        words = getattr(row, "words", None)
        yield {
            "asked_on": row.asked_on,
            **{name: getattr(row, name) for name in SCALES},
            "words": words.text if words else "",
            "answered_at": row.answered_at,
        }


def _readings(person: User) -> Iterator[Row]:
    own = Q(check_in__user=person) | Q(fit__user=person)
    for row in AnswerReading.objects.filter(own).select_related("reader").order_by("pk"):
        yield {"reader": row.reader.get_full_name(), "read_at": row.read_at}


def _erase(person: User, now: datetime) -> None:
    """Delete what they wrote about a match; the answers themselves are counted without a name."""
    FitWords.objects.filter(question__user=person).delete()
    PulseWords.objects.filter(pulse__enrolment__user=person).delete()
