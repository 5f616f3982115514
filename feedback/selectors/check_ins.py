"""What is asked of whom, and who reads the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.models import User
from core.packed import packed
from feedback.models import CheckIn, CheckInAnswer, CheckInStatus
from feedback.querysets import ANSWER_DAYS
from feedback.selectors.people import members_by_match, short_names
from feedback.selectors.readings import Reading, packed_readings, readings
from matching.models import Match, MatchMember
from matching.selectors import resting
from notifications.selectors import paused_match_ids
from programs.models import Cohort
from sessions.models import Meeting

MOST_ASKED = 50


@dataclass(frozen=True)
class Question:
    """One check-in as its person sees it."""

    check_in: CheckIn
    partners: tuple[User, ...]
    readings: tuple[Reading, ...] = ()

    @property
    def partner_names(self) -> str:
        return short_names(self.partners)

    @property
    def since(self) -> date:
        return period_start(self.check_in.match.cohort, self.check_in.due_on)

    @property
    def closes_on(self) -> date:
        return self.check_in.due_on + timedelta(days=ANSWER_DAYS)

    @property
    def is_answered(self) -> bool:
        return self.check_in.status == CheckInStatus.ANSWERED


def period_start(cohort: Cohort, due_on: date) -> date:
    """Return the first day of the rhythm that ends on ``due_on``."""
    return due_on - timedelta(days=cohort.rhythm_days - 1)


def latest_due_on(cohort: Cohort, *, today: date) -> date | None:
    """Return the last day of the cohort's latest whole rhythm, or None before and after them.

    Rhythms are counted from the cohort's first day, so that everybody is asked on the same days,
    and a sweep that comes late asks about the latest rhythm only.
    """
    rhythms = (today - cohort.starts_on).days // cohort.rhythm_days
    due_on = cohort.starts_on + timedelta(days=rhythms * cohort.rhythm_days - 1)
    return due_on if rhythms >= 1 and due_on <= cohort.ends_on else None


def due_members_for_system(cohort: Cohort, *, due_on: date, now: datetime) -> QuerySet[Any, Any]:
    """Return (match id, user id, has met, has booked) of members not asked for ``due_on`` yet.

    Somebody whose match began in the second half of the rhythm is not asked about it.
    """
    rhythm = timedelta(days=cohort.rhythm_days)
    meetings = Meeting.objects.filter(match=OuterRef("match"))
    asked = CheckIn.objects.filter(match=OuterRef("match"), user=OuterRef("user"), due_on=due_on)
    rows: QuerySet[Any, Any] = (
        MatchMember.objects.current()
        .filter(
            ~Exists(asked),
            ~resting("match"),
            match__cohort=cohort,
            match__status="active",
            match__started_on__lte=due_on - rhythm // 2,
            enrolment__status="enrolled",
            user__is_active=True,
        )
        .annotate(
            has_met=Exists(meetings.held().filter(held_on__gte=period_start(cohort, due_on))),
            has_booked=Exists(
                meetings.filter(status="scheduled", starts_at__gte=now, starts_at__lt=now + rhythm)
            ),
        )
        .order_by("user_id", "match_id")
        .values_list("match_id", "user_id", "has_met", "has_booked")
    )
    return rows


def questions_of_mail_for_system(
    *, user_id: int, cohort_id: int, due_on: date, today: date, is_combined: bool
) -> list[Question]:
    """Return what one mail asks: open check-ins that no meeting has answered meanwhile.

    One that asks about several matches leaves out those whose mail is held.
    """
    check_ins = (
        CheckIn.objects.answerable(today=today)
        .filter(
            user_id=user_id, match__cohort_id=cohort_id, due_on=due_on, status=CheckInStatus.OPEN
        )
        .select_related("match__cohort")
    )
    if is_combined:
        check_ins = check_ins.exclude(match__in=paused_match_ids())
    found = list(check_ins)
    if not found:
        return []
    since = period_start(found[0].match.cohort, due_on)
    met = set(
        Meeting.objects.held()
        .filter(match__in=[row.match_id for row in found], held_on__gte=since)
        .values_list("match_id", flat=True)
    )
    return _with_partners([row for row in found if row.match_id not in met], user_id=user_id)


def questions_of(
    user: User, *, today: date, answered_count: int = 20
) -> tuple[list[Question], list[Question]]:
    """Return what a person is asked now, and their own latest answers. One query.

    Of each match only the latest open check-in is asked.
    """
    asked = unanswered(today=today).filter(pk=OuterRef("pk"))
    members = MatchMember.objects.current().filter(match=OuterRef("match")).exclude(user=user)
    rows: Any = (
        CheckIn.objects.of(user)
        .annotate(
            is_asked=Exists(asked),
            packed_partners=packed(
                members.order_by("pk"),
                id=F("user_id"),
                first_name=F("user__first_name"),
                last_name=F("user__last_name"),
                email=F("user__email"),
            ),
            packed_readings=packed_readings("check_in"),
        )
        .filter(Q(status=CheckInStatus.ANSWERED) | Q(is_asked=True))
        .select_related("match__cohort__program")
        .order_by("-is_asked", "-due_on", "match_id")
    )
    found = [
        Question(
            row,
            tuple(User(**person) for person in row.packed_partners),
            readings(row.packed_readings),
        )
        for row in rows[: answered_count + MOST_ASKED]
    ]
    open_ones = [question for question in found if not question.is_answered]
    answered = [question for question in found if question.is_answered]
    return open_ones, answered[:answered_count]


def unanswered(*, today: date) -> QuerySet[CheckIn]:
    """Return check-ins that still wait for an answer: of each match and person the latest."""
    return (
        CheckIn.objects.answerable(today=today)
        .filter(status=CheckInStatus.OPEN)
        .exclude(_met_since_asked())
        .exclude(_asked_later())
    )


def question(check_in: CheckIn) -> Question:
    """Return one check-in with the partners it asks about."""
    return _with_partners([check_in], user_id=check_in.user_id)[0]


def answers_for_manager(
    *, user: User, cohort: Cohort, today: date, answer: str = ""
) -> QuerySet[CheckIn]:
    """Return named answers of the latest two rhythms, newest first; never of one's own match."""
    since = today - timedelta(days=2 * cohort.rhythm_days + 1)
    rows = CheckIn.objects.filter(
        match__in=Match.objects.managed_by(user).filter(cohort=cohort),
        status=CheckInStatus.ANSWERED,
        due_on__gte=since,
    )
    if answer in CheckInAnswer.values:
        rows = rows.filter(answer=answer)
    return rows.select_related("user", "match__cohort").order_by("-answered_at", "-id")


def with_partners(check_ins: Sequence[CheckIn]) -> list[Question]:
    """Return check-ins of several people, each with the partners it asks about."""
    members = members_by_match(row.match_id for row in check_ins)
    return [_question(row, members, user_id=row.user_id) for row in check_ins]


def _met_since_asked() -> Exists:
    """Match check-ins that a meeting logged after their rhythm's last day has overtaken."""
    return Exists(
        Meeting.objects.held().filter(match=OuterRef("match"), held_on__gt=OuterRef("due_on"))
    )


def _asked_later() -> Exists:
    return Exists(
        CheckIn.objects.filter(
            match=OuterRef("match"), user=OuterRef("user"), due_on__gt=OuterRef("due_on")
        )
    )


def _with_partners(check_ins: Sequence[CheckIn], *, user_id: int) -> list[Question]:
    members = members_by_match(row.match_id for row in check_ins)
    return [_question(row, members, user_id=user_id) for row in check_ins]


def _question(check_in: CheckIn, members: dict[int, list[User]], *, user_id: int) -> Question:
    others = (person for person in members[check_in.match_id] if person.pk != user_id)
    return Question(check_in, tuple(others))
