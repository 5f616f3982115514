"""Ask how a match fits, take the answer, and tell the managers when it does not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.services import record
from core.errors import DomainError
from feedback.models import FitAnswer, FitQuestion, FitStatus, FitWords
from feedback.models.fit import UNASKED
from feedback.querysets import ANSWER_DAYS
from feedback.selectors import called_for, due_fits_for_system
from feedback.services.planning import only_one
from matching.models import Match
from notifications.services import NewMessage, queue_message, queue_messages, settle
from programs.models import Cohort, CohortStatus

BATCH = 5_000
LONGEST_WORDS = 2_000


class FitClosed(DomainError):
    """The fit question takes no answer any more."""

    default_code = "fit_closed"


@dataclass(frozen=True)
class PlannedFits:
    """What one planning did."""

    asked_count: int = 0
    mail_count: int = 0

    def __add__(self, other: PlannedFits) -> PlannedFits:
        return PlannedFits(self.asked_count + other.asked_count, self.mail_count + other.mail_count)


def plan_fit_questions(*, now: datetime) -> PlannedFits:
    """Write the fit questions that are due, and one mail for each person and day.

    Running it again, or twice at a time, changes nothing. Effects: questions and messages, and
    questions that nobody answered in 30 days lapse; one transaction a cohort.
    """
    planned = PlannedFits()
    active = Cohort.objects.filter(status=CohortStatus.ACTIVE, has_fit_questions=True)
    for cohort in active.order_by("pk"):
        planned += _plan_cohort(cohort, now=now)
    return planned


@transaction.atomic
def _plan_cohort(cohort: Cohort, *, now: datetime) -> PlannedFits:
    today = now.astimezone(UTC).date()
    FitQuestion.objects.filter(
        match__cohort=cohort,
        status=FitStatus.OPEN,
        asked_on__lt=today - timedelta(days=ANSWER_DAYS),
    ).update(status=FitStatus.LAPSED)
    rows = iter(due_fits_for_system(cohort, now=now).iterator(chunk_size=BATCH))
    asked, recipients = 0, dict[int, set[int]]()
    while batch := list(islice(rows, BATCH)):
        _store(batch, today=today, now=now)
        asked += len(batch)
        for match_id, user_id, _step, _last in batch:
            recipients.setdefault(user_id, set()).add(match_id)
    messages = [
        NewMessage(
            kind="feedback.fit",
            recipient_id=user_id,
            object_id=cohort.pk,
            occasion=today.isoformat(),
            program_id=cohort.program_id,
            cohort_id=cohort.pk,
            match_id=only_one(matches),
        )
        for user_id, matches in recipients.items()
    ]
    return PlannedFits(asked, queue_messages(rows=messages, now=now))


def _store(batch: list[tuple[int, int, int, int | None]], *, today: date, now: datetime) -> None:
    FitQuestion.objects.bulk_create(
        [
            FitQuestion(
                match_id=match_id,
                user_id=user_id,
                after_meeting=step or None,
                follows_id=None if step else last_id,
                asked_on=today,
                created_at=now,
            )
            for match_id, user_id, step, last_id in batch
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def answer_fit(
    *, question: FitQuestion, answer: FitAnswer, now: datetime, words: str | None = None
) -> FitQuestion:
    """Store how it fits for the person who was asked; a later answer replaces an earlier one.

    ``words`` belong to "not a good fit" alone and go with it; None leaves them as they are.
    Effects: the row, its words, one audit row (without the answer), and for "not a good fit" one
    message to each program manager, and to who stands in for one, who is not in the match.

    Raises:
        FitClosed: 30 days are over, a later question was asked, or the match paused or ended.
        DomainError: the words are too long.
    """
    row = (
        FitQuestion.objects.answerable(today=now.astimezone(UTC).date())
        .select_for_update(of=("self",))
        .select_related("user", "match__cohort")
        .filter(pk=question.pk)
        .first()
    )
    if row is None:
        raise FitClosed(_("This question is closed. You can always write to your program manager."))
    is_new = row.answer != answer
    if is_new:
        row.status, row.answer, row.answered_at = FitStatus.ANSWERED, answer, now
        row.save(update_fields=("status", "answer", "answered_at"))
        settle(user=row.user, kinds=("feedback.fit",), now=now)
        record(
            actor=row.user,
            action="fit.answered",
            about=row,
            now=now,
            program_id=row.match.cohort.program_id,
        )
    _keep_words(row, words if answer == FitAnswer.NOT_GOOD else "", now=now)
    if is_new and answer == FitAnswer.NOT_GOOD:
        _tell_managers(row, now=now)
    return row


@transaction.atomic
def say_misfit(*, match: Match, actor: User, words: str, now: datetime) -> FitQuestion:
    """Take it from a member, unasked and at any time, that the match is not a good fit.

    It goes where answers go: into their latest question while that takes answers, else into one of
    its own. Effects: as ``answer_fit``.

    Raises:
        FitClosed: the match is paused or has ended, or the person is not in it now.
        DomainError: the words are too long.
    """
    today = now.astimezone(UTC).date()
    Match.objects.select_for_update(no_key=True).get(pk=match.pk)
    own = FitQuestion.objects.filter(match=match, user=actor)
    question = own.answerable(today=today).first()
    if question is None:
        last = own.order_by("-pk").first()
        own.filter(status=FitStatus.OPEN).update(status=FitStatus.LAPSED)
        question = FitQuestion.objects.create(
            match=match,
            user=actor,
            after_meeting=None if last else UNASKED,
            follows=last,
            asked_on=today,
            created_at=now,
        )
    return answer_fit(question=question, answer=FitAnswer.NOT_GOOD, words=words, now=now)


def _keep_words(question: FitQuestion, words: str | None, *, now: datetime) -> None:
    if words is None:
        return
    text = words.strip()
    if len(text) > LONGEST_WORDS:
        raise DomainError(
            _("That is more than 2,000 characters. A few sentences are plenty."), field="words"
        )
    row = FitWords.objects.filter(question=question).first()
    if not text:
        if row is not None:
            row.delete()
        return
    row = row or FitWords(question=question)
    row.text, row.changed_at = text, now
    row.save()


def _tell_managers(question: FitQuestion, *, now: datetime) -> None:
    for person in called_for(question.match, now=now):
        queue_message(
            kind="feedback.misfit",
            recipient=person,
            object_id=question.pk,
            program_id=question.match.cohort.program_id,
            cohort_id=question.match.cohort_id,
            match_id=question.match_id,
            now=now,
        )
