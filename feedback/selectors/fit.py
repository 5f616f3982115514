"""Whom to ask how a match fits, what they said, and who reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import TruncDate

from accounts.models import User
from core.packed import packed
from feedback.models import FitAnswer, FitQuestion, FitStatus, FitWords
from feedback.querysets import ANSWER_DAYS
from feedback.selectors.people import members_by_match, short_names
from feedback.selectors.readings import Reading, packed_readings, readings
from matching.models import Match, MatchMember
from matching.selectors import resting
from notifications.selectors import paused_match_ids
from programs.models import Cohort
from sessions.models import Meeting

AGAIN = timedelta(days=14)
MOST_SHOWN = 50


@dataclass(frozen=True)
class FitCard:
    """One fit question as its person, or their manager, sees it."""

    question: FitQuestion
    partners: tuple[User, ...]
    readings: tuple[Reading, ...] = ()

    @property
    def partner_names(self) -> str:
        return short_names(self.partners)

    @property
    def closes_on(self) -> date:
        return self.question.asked_on + timedelta(days=ANSWER_DAYS)

    @property
    def is_answered(self) -> bool:
        return self.question.status == FitStatus.ANSWERED

    @property
    def words(self) -> str:
        """Return what the person added to their answer."""
        try:
            text: str = self.question.words.text
        except FitWords.DoesNotExist:
            return ""
        return text


def due_fits_for_system(cohort: Cohort, *, now: datetime) -> QuerySet[Any, Any]:
    """Return (match id, user id, after which meeting or 0, the question it follows or None).

    Due are members who were never asked, from the day after the first held meeting (of a circle
    that they joined later, the first since then); who did not answer since the third, from the day
    after it; and who said "still deciding" 14 days ago. Of a late start only the latest occasion is
    asked about. Nobody has two open questions on one match.
    """
    held = (
        Meeting.objects.held()
        .filter(match=OuterRef("match"))
        .filter(
            Q(match__created_at__gte=OuterRef("joined_at")) | Q(held_on__gte=OuterRef("joined_on"))
        )
        .order_by("held_on", "id")
    )
    asked = FitQuestion.objects.filter(match=OuterRef("match"), user=OuterRef("user"))
    last = asked.order_by("-pk")
    rows = MatchMember.objects.current().filter(
        ~resting("match"),
        match__cohort=cohort,
        match__status="active",
        enrolment__status="enrolled",
        user__is_active=True,
    )
    return (
        rows.filter(~Exists(asked.filter(status=FitStatus.OPEN)))
        .annotate(joined_on=TruncDate("joined_at"))
        .annotate(
            first_on=Subquery(held.values("held_on")[:1]),
            third_on=Subquery(held.values("held_on")[2:3]),
            last_id=Subquery(last.values("pk")[:1]),
            last_answer=Subquery(last.values("answer")[:1]),
            last_at=Subquery(last.values("answered_at")[:1]),
            was_asked_third=Exists(asked.filter(after_meeting=3)),
        )
        .annotate(step=_step(now))
        .filter(step__isnull=False)
        .order_by("user_id", "match_id")
        .values_list("match_id", "user_id", "step", "last_id")
    )


def _step(now: datetime) -> Case:
    today = now.date()
    unheard = Q(last_at__isnull=True) | Q(third_on__gt=TruncDate("last_at"))
    return Case(
        When(unheard, third_on__lt=today, was_asked_third=False, then=3),
        When(first_on__lt=today, last_id__isnull=True, then=1),
        When(last_answer=FitAnswer.DECIDING, last_at__lte=now - AGAIN, then=0),
        output_field=IntegerField(),
    )


def unanswered_fits(*, today: date) -> QuerySet[FitQuestion]:
    """Return the fit questions that wait for an answer."""
    rows: QuerySet[FitQuestion] = FitQuestion.objects.answerable(today=today)
    return rows.filter(status=FitStatus.OPEN)


def fit_cards_of_mail_for_system(
    *, user_id: int, cohort_id: int, asked_on: date, today: date, is_combined: bool
) -> list[FitCard]:
    """Return what one mail asks: open questions of that day.

    One that asks about several matches leaves out those whose mail is held.
    """
    rows = unanswered_fits(today=today).filter(
        user_id=user_id, match__cohort_id=cohort_id, asked_on=asked_on
    )
    if is_combined:
        rows = rows.exclude(match__in=paused_match_ids())
    return fit_cards(list(rows.select_related("match__cohort").order_by("match_id")))


def fit_cards_of(user: User, *, today: date) -> tuple[list[FitCard], list[FitCard]]:
    """Return what a person is asked now, and what they said last about each match. One query."""
    asked = unanswered_fits(today=today).filter(pk=OuterRef("pk"))
    said = FitQuestion.objects.latest_answers().filter(pk=OuterRef("pk"))
    changeable = FitQuestion.objects.answerable(today=today).filter(pk=OuterRef("pk"))
    members = MatchMember.objects.seated().filter(match=OuterRef("match")).exclude(user=user)
    rows: Any = (
        FitQuestion.objects.of(user)
        .annotate(
            is_asked=Exists(asked),
            can_change=Exists(changeable),
            packed_partners=packed(
                members.order_by("pk"),
                id=F("user_id"),
                first_name=F("user__first_name"),
                last_name=F("user__last_name"),
                email=F("user__email"),
            ),
            packed_readings=packed_readings("fit"),
        )
        .filter(Q(is_asked=True) | Exists(said))
        .select_related("match__cohort__program", "words")
        .order_by("-is_asked", "-id")
    )
    cards = [
        FitCard(
            row,
            tuple(User(**person) for person in row.packed_partners),
            readings(row.packed_readings),
        )
        for row in rows[:MOST_SHOWN]
    ]
    waiting = [card for card in cards if not card.is_answered]
    return waiting, [card for card in cards if card.is_answered]


def fit_card(question: FitQuestion) -> FitCard:
    """Return one question with the partners it asks about."""
    return fit_cards([question])[0]


def fit_cards(questions: Sequence[FitQuestion]) -> list[FitCard]:
    """Return questions of several people, each with the partners it asks about. One query."""
    members = members_by_match(row.match_id for row in questions)
    return [
        FitCard(row, tuple(one for one in members[row.match_id] if one.pk != row.user_id))
        for row in questions
    ]


def fit_answers_for_manager(
    *, user: User, cohort: Cohort, answer: str = ""
) -> QuerySet[FitQuestion]:
    """Return what each person said last, "not a good fit" first; never of one's own match."""
    rows: QuerySet[FitQuestion] = FitQuestion.objects.latest_answers().filter(
        match__in=Match.objects.managed_by(user).filter(cohort=cohort)
    )
    if answer in FitAnswer.values:
        rows = rows.filter(answer=answer)
    urgency = Case(
        When(answer=FitAnswer.NOT_GOOD, then=0),
        When(answer=FitAnswer.DECIDING, then=1),
        default=2,
        output_field=IntegerField(),
    )
    return rows.select_related("user", "words").order_by(urgency, "-answered_at", "-id")


def fit_answers_of_match(match: Match) -> list[FitCard]:
    """Return what each person of a match said last, for its manager. One query."""
    rows = FitQuestion.objects.latest_answers().filter(match=match)
    found = rows.select_related("user", "words").order_by("-answered_at")
    return [FitCard(row, ()) for row in found]


def misfits() -> QuerySet[FitQuestion]:
    """Return the last answers of current members that say it is not a good fit."""
    current = MatchMember.objects.current().filter(match=OuterRef("match"), user=OuterRef("user"))
    rows: QuerySet[FitQuestion] = FitQuestion.objects.latest_answers()
    return rows.filter(Exists(current), answer=FitAnswer.NOT_GOOD)
