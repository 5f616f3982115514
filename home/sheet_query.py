"""The one query of a person's sheet, written once a minute for everybody."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import RoleGrant, User
from core.packed import packed
from feedback.selectors import unanswered, unanswered_fits, unanswered_pulses
from goals.models import GoalReview
from matching.beginning import first_step_of
from matching.models import MatchMember
from matching.selectors import asks_traits
from matching.thread import unread_in
from notes.models import Reflection
from notifications.models import Notice
from participants.models import Enrolment, EnrolmentDraft, OfferOutcome, PlaceOffer
from participants.selectors import steps_to_do_for
from programs.covers import around
from programs.models import CohortStatus, Cover, Phase
from sessions.models import LONGEST_MINUTES, LogDraft, Meeting
from sessions.selectors import packed_events, people_of
from training.selectors import open_modules_for

ANYBODY = -987_654_321  # stands for the person's key in the query until it is asked


@lru_cache(maxsize=2)
def statement(minute: datetime) -> tuple[str, tuple[Any, ...]]:
    """Return the sheet's query with ``ANYBODY`` in place of the person.

    Every page of everybody asks it, and to write it takes Django ten times as long as PostgreSQL
    needs to answer. So it is written once a minute: what it compares with the time is that old.
    """
    rows = User.objects.filter(pk=ANYBODY).values_list(
        _grants(),
        _enrolments(minute),
        _open_questions(minute.date()),
        _drafts(),
        _unread(),
        packed_events("id", since=minute - timedelta(minutes=LONGEST_MINUTES)),
    )
    sql, values = rows.query.sql_with_params()
    return sql, tuple(values)


def _grants() -> Any:
    rows = RoleGrant.objects.filter(user=OuterRef("pk"))
    return packed(rows, id=F("id"), role=F("role"), program_id=F("program_id"))


def _open_questions(today: date) -> Any:
    """Count what waits for a tap: check-ins, how matches fit, and the pulse."""
    return (
        _count(unanswered(today=today))
        + _count(unanswered_fits(today=today))
        + _count(unanswered_pulses(today=today), of="enrolment__user")
    )


def _unread() -> Any:
    """Count what is new in the inbox."""
    return _count(Notice.objects.filter(read_at__isnull=True), of="recipient")


def _count(rows: QuerySet[Any], *, of: str = "user") -> Any:
    own = rows.filter(**{of: OuterRef("pk")}).order_by().values(of)
    return Coalesce(Subquery(own.annotate(count=Count("pk")).values("count")), 0)


def _drafts() -> Any:
    """Sign-ups begun but not sent, in cohorts that still take them; edited answers are none."""
    rows = EnrolmentDraft.objects.filter(
        user=OuterRef("pk"), cohort__status=CohortStatus.ENROLLING
    ).exclude(
        Exists(
            Enrolment.objects.filter(
                user=OuterRef("user"), cohort=OuterRef("cohort"), role=OuterRef("role")
            )
        )
    )
    return packed(
        rows.order_by("started_at"),
        cohort_id=F("cohort_id"),
        role=F("role"),
        cohort=F("cohort__name"),
        program=F("cohort__program__name"),
    )


def _enrolments(now: datetime) -> Any:
    rows = (
        Enrolment.objects.filter(user=OuterRef("pk"))
        .exclude(status__in=("withdrawn", "declined"))
        .exclude(cohort__status__in=("draft", "archived"))
        .order_by("-cohort__starts_on", "id")
    )
    return packed(
        rows,
        id=F("id"),
        role=F("role"),
        status=F("status"),
        cohort_id=F("cohort_id"),
        cohort=F("cohort__name"),
        cohort_status=F("cohort__status"),
        program_id=F("cohort__program_id"),
        program=F("cohort__program__name"),
        program_format=F("cohort__program__format"),
        contact_name=F("cohort__program__contact_name"),
        contact_email=F("cohort__program__contact_email"),
        covers=_covers(now),
        starts_on=F("cohort__starts_on"),
        ends_on=F("cohort__ends_on"),
        enrolment_closes_on=F("cohort__enrolment_closes_on"),
        rhythm_days=F("cohort__rhythm_days"),
        pause_until=F("pause_until"),
        offer_until=Subquery(
            PlaceOffer.objects.filter(
                enrolment=OuterRef("pk"),
                outcome=OfferOutcome.OPEN,
                expires_at__gt=now,
            ).values("expires_at")[:1]
        ),
        open_modules=_open_modules(now.date()),
        open_steps=_open_steps(now.date()),
        has_traits=asks_traits(),
        phases=_phases(),
        matches=_matches(),
    )


def _open_modules(today: date) -> Any:
    """Count the required modules that the enrolment has not finished."""
    rows = open_modules_for(today=today).order_by().values("cohort")
    return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)


def _open_steps(today: date) -> Any:
    """Count the screening steps that wait for the person."""
    rows = steps_to_do_for(today=today).order_by().values("program")
    return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)


def _covers(now: datetime) -> Any:
    """Return who stands in, today somewhere on earth, for the contact of the enrolment's program.

    Whether it is today where the contact lives, ``sheet`` asks: only Python knows every zone.
    """
    rows = Cover.objects.filter(
        around(now),
        program=OuterRef("cohort__program"),
        away__email__iexact=OuterRef("cohort__program__contact_email"),
        covered_by__is_active=True,
    )
    return packed(
        rows.order_by("starts_on", "id"),
        first_name=F("covered_by__first_name"),
        last_name=F("covered_by__last_name"),
        email=F("covered_by__email"),
        starts_on=F("starts_on"),
        ends_on=F("ends_on"),
        time_zone=F("away__time_zone"),
    )


def _phases() -> Any:
    person = OuterRef(OuterRef("user_id"))
    reviewed = GoalReview.objects.filter(phase=OuterRef("pk"), user=person)
    reflected = Reflection.objects.filter(phase=OuterRef("pk"), author=person)
    return packed(
        Phase.objects.filter(cohort=OuterRef("cohort_id")).order_by("starts_on", "id"),
        id=F("id"),
        name=F("name"),
        purpose=F("purpose"),
        guide=F("guide"),
        mentor_guide=F("mentor_guide"),
        mentee_guide=F("mentee_guide"),
        starters=F("starters"),
        starts_on=F("starts_on"),
        ends_on=F("ends_on"),
        is_reviewed=Exists(reviewed),
        reflection_prompt=F("reflection_prompt"),
        is_reflected=Exists(reflected),
    )


def _matches() -> Any:
    held = Meeting.objects.held().filter(match=OuterRef("match_id")).order_by().values("match")
    members = (
        MatchMember.objects.seated()
        .filter(enrolment=OuterRef("id"))
        .order_by("match__status", "-match_id")
    )
    return packed(
        members,
        id=F("match_id"),
        status=F("match__status"),
        started_on=F("match__started_on"),
        contributions=F("match__contributions"),
        people=people_of("match_id"),
        meeting_count=Coalesce(Subquery(held.annotate(count=Count("pk")).values("count")), 0),
        last_met_on=Subquery(held.annotate(last=Max("held_on")).values("last")),
        unread_count=unread_in("match_id", "user_id"),
        has_begun_log=Exists(
            LogDraft.objects.filter(match=OuterRef("match_id"), author=OuterRef("user_id"))
        ),
        first_step=first_step_of("match_id", "user_id"),
    )
