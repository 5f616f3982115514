"""Say yes to a match, and say what one expects of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError
from matching.models import ExpectationSheet, Match, MatchConfirmation
from matching.sealed import Answer, Answers, packed_words
from matching.seats import locked_for, others_in
from notifications.services import queue_message
from programs.models import ExpectationKind, ExpectationQuestion
from programs.services.expectations import ensure_expectations

LONGEST_ANSWER = 2_000
WAITING, READY = "expectations-waiting", "expectations-ready"


@transaction.atomic
def confirm_match(*, match: Match, actor: User, now: datetime) -> MatchConfirmation:
    """Note that a member says yes to the match; again is fine.

    Raises:
        NotAllowed, Conflict: see ``locked_for``.
    Effects: one row and one audit row, the first time.
    """
    row = locked_for(match, actor)
    confirmation, is_new = MatchConfirmation.objects.get_or_create(
        match=row, user=actor, defaults={"confirmed_at": now}
    )
    if is_new:
        _record(row, "match.confirmed", actor, now)
    return confirmation


@transaction.atomic
def save_expectations(
    *, match: Match, actor: User, answers: Answers, is_done: bool, now: datetime
) -> ExpectationSheet:
    """Keep what one member expects; nobody else reads it until every member is done.

    ``is_done`` False keeps a draft; a sheet that was done stays done. Answers to questions that the
    form in use does not have are dropped.

    Raises:
        DomainError: a choice is not one of the form's, a text is too long, or nothing is answered.
        NotAllowed, Conflict: see ``locked_for``.
    Effects: one row; when it is done first, one audit row and a message to each other member: that
    theirs is missing, or that all can be compared now.
    """
    row = locked_for(match, actor)
    form = ensure_expectations(row.cohort)
    kept = _valid(list(form.questions.all()), answers)
    if is_done and not kept:
        raise DomainError(_("Answer at least one question. The rest may stay open."))
    sheet = ExpectationSheet.objects.filter(match=row, user=actor).first()
    sheet = sheet or ExpectationSheet(match=row, user=actor)
    is_first_time = is_done and sheet.answered_at is None
    sheet.form, sheet.words, sheet.changed_at = form, packed_words(kept), now
    if is_first_time:
        sheet.answered_at = now
    sheet.save()
    if is_first_time:
        _record(row, "expectations.answered", actor, now)
        _tell_others(row, actor, now)
    return sheet


def _valid(questions: list[ExpectationQuestion], answers: Answers) -> Answers:
    kept: Answers = {}
    for question in questions:
        answer = answers.get(question.key)
        if not answer:
            continue
        kept[question.key] = _checked(question, answer)
    return kept


def _checked(question: ExpectationQuestion, answer: Answer) -> Answer:
    if question.kind == ExpectationKind.TEXT:
        text = str(answer).strip()
        if len(text) > LONGEST_ANSWER:
            raise DomainError(
                _("That is more than 2,000 characters. A few sentences are plenty."),
                field=question.key,
            )
        return text
    chosen = answer if isinstance(answer, list) else [answer]
    if not set(chosen) <= set(question.choices):
        raise DomainError(_("Choose one of the answers that stand there."), field=question.key)
    return (
        [one for one in question.choices if one in chosen]
        if (question.kind == ExpectationKind.CHOICES)
        else chosen[0]
    )


def _tell_others(match: Match, actor: User, now: datetime) -> None:
    done = set(
        ExpectationSheet.objects.filter(match=match, answered_at__isnull=False).values_list(
            "user_id", flat=True
        )
    )
    others = others_in(match, actor)
    everybody = all(person.pk in done for person in others)
    for person in others:
        if everybody or person.pk not in done:
            queue_message(
                kind="matching.begin",
                recipient=person,
                object_id=match.pk,
                occasion=READY if everybody else WAITING,
                program_id=match.cohort.program_id,
                cohort_id=match.cohort_id,
                match_id=match.pk,
                now=now,
            )


def _record(match: Match, action: str, actor: User, now: datetime) -> None:
    record(actor=actor, action=action, about=match, now=now, program_id=match.cohort.program_id)
