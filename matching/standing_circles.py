"""Circles that work already, and who may join one of them later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import DomainError
from matching.circles import Judge
from matching.drafts import Draft
from matching.models import LIVE, Match, MatchMember, PairingPolicy, Proposal
from matching.pool import take_snapshot
from matching.reasons import POINTS_A_PERCENT, rule_sentence
from matching.services.policy import policy_snapshot
from matching.standing import open_draft
from participants.models import Enrolment, MemberRole
from programs.models import Cohort

NO_MENTOR = "no_mentor_here"


def waiting_for_a_circle(cohort: Cohort, user: User) -> QuerySet[Enrolment]:
    """Return the mentees of a cohort who are in no match and have no seat in its open draft.

    The manager's own enrolment is left out.
    """
    seats = MatchMember.objects.current().filter(enrolment=OuterRef("pk"))
    drafted = Proposal.objects.filter(run=open_draft(cohort), mentee=OuterRef("pk"), state__in=LIVE)
    return (
        cohort.enrolments.in_pool()
        .filter(role=MemberRole.MENTEE)
        .exclude(user=user)
        .exclude(Exists(seats) | Exists(drafted))
        .select_related("user")
        .order_by("user__name_key", "pk")
    )


@dataclass(frozen=True)
class Room:
    """A circle with room for one mentee: what the seat would be worth, or the rules against it."""

    match: Match
    mentors: list[MatchMember]
    mentees: list[MatchMember]
    points: int
    contributions: list[dict[str, Any]]
    rules: tuple[str, ...]

    @property
    def score(self) -> int:
        return round(self.points / POINTS_A_PERCENT)

    @property
    def names(self) -> str:
        return ", ".join(str(member.user) for member in self.mentors)

    @property
    def why_not(self) -> str:
        if NO_MENTOR in self.rules:
            return _("Its mentors are away or not open to pairing now.")
        return " ".join(str(rule_sentence(rule)) for rule in self.rules)


def rooms_for(mentee: Enrolment, matches: QuerySet[Match]) -> list[Room]:
    """Return those of these circles that have room, the best for this mentee first.

    Judged by today's people and policy, texts by their words; personal traits are not compared, for
    these are opened by runs alone. Circles that a rule closes to the mentee come last.

    Raises:
        DomainError: pairing leaves the mentee out, or the cohort's pairing was never published.
    """
    cohort = mentee.cohort
    policy = PairingPolicy.objects.filter(cohort=cohort).first()
    if policy is None:
        return []
    members = MatchMember.objects.current().select_related("user").order_by("pk")
    found = matches.prefetch_related(Prefetch("members", members, to_attr="present"))
    rooms = [one for one in map(_parted, found) if 0 < len(one[2]) < policy.circle_most]
    if not rooms:
        return []
    judge = _judge(cohort, policy)
    if mentee.pk not in judge.pool.mentees.index:
        raise DomainError(
            _("Pairing leaves this person out: required training or a screening step is open."),
            code="left_out",
        )
    told = [_room(judge, *room, mentee) for room in rooms]
    return sorted(told, key=lambda room: (bool(room.rules), -room.points, room.match.pk))


def _parted(match: Any) -> tuple[Match, list[MatchMember], list[MatchMember]]:
    mentors = [member for member in match.present if member.role == MemberRole.MENTOR]
    return match, mentors, [one for one in match.present if one.role == MemberRole.MENTEE]


def _judge(cohort: Cohort, policy: PairingPolicy) -> Judge:
    run = cohort.runs.exclude(published_at=None).defer("pool_snapshot").order_by("-pk").first()
    if run is None:
        raise DomainError(_("Publish circles first."), code="no_run")
    today = take_snapshot(cohort, with_meaning=False)
    # Who sits in a circle already has no seat left to take, and would not be in the pool.
    today["people"] = [{**row, "seats": max(row["seats"], 1)} for row in today["people"]]
    return Judge(Draft(run, policy_snapshot=policy_snapshot(policy), pool_snapshot=today))


def _room(
    judge: Judge,
    match: Match,
    mentors: list[MatchMember],
    mentees: list[MatchMember],
    newcomer: Enrolment,
) -> Room:
    """Judge the newcomer beside those who are in the pool now; who has paused asks nothing."""
    leading = [one.enrolment_id for one in mentors if one.enrolment_id in judge.pool.mentors.index]
    beside = [one.enrolment_id for one in mentees if one.enrolment_id in judge.pool.mentees.index]
    if not leading:
        return Room(match, mentors, mentees, 0, [], (NO_MENTOR,))
    found = judge.circle(leading, [*beside, newcomer.pk], about=newcomer.pk)
    given = [] if found.broken else judge.contributions(found, newcomer.pk)
    return Room(match, mentors, mentees, found.score_of(newcomer.pk), given, found.broken)
