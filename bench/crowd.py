"""Who looks at the pages that are measured, and the rows that ``seed_scale`` does not write."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import RoleGrant, User
from matching.models import MatchMember
from matching.services.policy import ensure_policy
from programs.models import Cohort

# An answered check-in for each member of a match, and an open one for every third.
CHECK_INS = """
    INSERT INTO feedback_checkin
        (match_id, user_id, due_on, status, answer, answered_at, skipped_because, created_at)
    SELECT m.match_id, m.user_id, current_date - 14 * n,
           CASE WHEN n = 1 AND m.id %% 3 = 0 THEN 'open' ELSE 'answered' END,
           CASE WHEN n = 1 AND m.id %% 3 = 0 THEN '' ELSE 'met' END,
           CASE WHEN n = 1 AND m.id %% 3 = 0 THEN NULL ELSE %(now)s END, '', %(now)s
    FROM matching_matchmember m CROSS JOIN generate_series(1, 3) n
"""
MESSAGES = """
    INSERT INTO notifications_message
        (key, kind, recipient_id, program_id, object_id, occasion, state, reason, due_at, attempt,
         message_id, sent_at, may_be_doubled, created_at, cohort_id, match_id, waits_for, mail_id)
    SELECT 'matching.matched:' || m.user_id || ':' || m.match_id, 'matching.matched', m.user_id,
           c.program_id, m.match_id, '', 'sent', '', %(now)s, 1,
           '<' || m.id || '@bench.example.org>', %(now)s, false, %(now)s,
           c.id, t.id, '', ''
    FROM matching_matchmember m
    JOIN matching_match t ON t.id = m.match_id JOIN programs_cohort c ON c.id = t.cohort_id
"""
EVENTS = """
    INSERT INTO audit_auditevent (at, actor_id, action, object_type, object_id, program_id, detail)
    SELECT %(now)s, m.user_id, 'meeting.logged', 'meetings.meeting', h.id::text, c.program_id, '{}'
    FROM meetings_meeting h
    JOIN matching_matchmember m ON m.match_id = h.match_id AND m.role = 'mentee'
    JOIN matching_match t ON t.id = h.match_id JOIN programs_cohort c ON c.id = t.cohort_id
"""


@dataclass(frozen=True)
class Cast:
    """A mentee with one match, its mentor, a manager of their program, HR, IT; and the cohort."""

    mentee: User
    mentor: User
    program_manager: User
    hr_analyst: User
    it_administrator: User
    cohort_id: int
    match_id: int


@transaction.atomic
def complete() -> None:
    """Add check-ins, messages and audit events once."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM feedback_checkin)")
        if cursor.fetchone()[0]:
            return
        for statement in (CHECK_INS, MESSAGES, EVENTS):
            cursor.execute(statement, {"now": now})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def cast() -> Cast:
    """Return the people who look, made where they are missing."""
    cohort = Cohort.objects.filter(status="active").order_by("starts_on")[0]
    seat = (
        MatchMember.objects.filter(match__cohort=cohort, role="mentee", left_at=None)
        .select_related("user")
        .order_by("id")[0]
    )
    mentor = MatchMember.objects.select_related("user").get(match=seat.match_id, role="mentor")
    ensure_policy(cohort=cohort)
    return Cast(
        mentee=seat.user,
        mentor=mentor.user,
        program_manager=_staff("manager", cohort.program_id),
        hr_analyst=_staff("hr_analyst", cohort.program_id),
        it_administrator=_staff("it_administrator", None),
        cohort_id=cohort.pk,
        match_id=seat.match_id,
    )


def _staff(role: str, program_id: int | None) -> User:
    now = timezone.now()
    user, _is_new = User.objects.get_or_create(
        email=f"{role}@bench.example.org",
        defaults={"first_name": "Bench", "last_name": role, "joined_at": now},
    )
    RoleGrant.objects.get_or_create(
        user=user, role=role, program_id=program_id, defaults={"granted_at": now}
    )
    return user
