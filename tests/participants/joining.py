"""A cohort that is enrolling, with a question of every kind: where tests of joining begin."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

from django.db import connection

from participants.models import EnrolmentDraft, SignUpLink
from participants.services.answering import begin, submit
from participants.services.links import make_link
from programs.models import Cohort, EnrolmentForm, Question
from tests.conftest import NOW, make_cohort, make_person

QUESTIONS: tuple[dict[str, Any], ...] = (
    {"key": "goal", "label": "What would you like to reach?", "kind": "text", "is_required": True},
    {
        "key": "style",
        "label": "How do you like to work?",
        "kind": "choice",
        "choices": ["With a plan", "As it comes"],
        "visibility": "partner",
    },
    {"key": "topics", "label": "Which topics?", "kind": "choices", "choices": ["A", "B", "C"]},
    {"key": "sure", "label": "How sure are you?", "kind": "scale", "visibility": "private"},
    {"key": "since", "label": "Since when are you here?", "kind": "date"},
    {"key": "led", "label": "Whom have you led?", "kind": "text", "audience": "mentor"},
)


def enrolling(cast: Any, **fields: Any) -> Cohort:
    """A cohort of the cast's program that takes sign-ups now."""
    values = {
        "status": "enrolling",
        "enrolment_opens_on": date(2026, 11, 1),
        "enrolment_closes_on": date(2026, 12, 5),
        "starts_on": date(2026, 12, 14),
        "ends_on": date(2027, 9, 13),
        "needs_approval": False,
    }
    cohort = make_cohort(cast.program, name="Winter", **{**values, **fields})
    ask(cohort)
    return cohort


def ask(cohort: Cohort, questions: tuple[dict[str, Any], ...] = QUESTIONS) -> EnrolmentForm:
    form = EnrolmentForm.objects.create(cohort=cohort)
    for at, question in enumerate(questions):
        Question.objects.create(form=form, position=at, **question)
    return form


def link_of(cast: Any, cohort: Cohort, role: str = "mentee", **fields: Any) -> SignUpLink:
    return make_link(cohort=cohort, role=role, actor=cast.program_manager, now=NOW, **fields)


def begun(cast: Any, cohort: Cohort, role: str = "mentee", user: Any = None) -> EnrolmentDraft:
    link = SignUpLink.objects.filter(cohort=cohort, role=role, revoked_at=None).first()
    draft = begin(link=link or link_of(cast, cohort, role), user=user or cast.stranger, now=NOW)
    assert isinstance(draft, EnrolmentDraft)
    return draft


def joined(cast: Any, cohort: Cohort, name: str, *, role: str = "mentee", now: Any = NOW) -> Any:
    """Let somebody new join by the link, with nothing answered."""
    user = make_person(f"{name.lower()}@example.org", name)
    begun(cast, cohort, role, user)
    return submit(user=user, cohort=cohort, role=role, answers={}, agrees=True, now=now)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run each act in a thread with a connection of its own, at the same moment."""
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        gate.wait(timeout=10)
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
