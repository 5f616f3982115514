"""What the pages for reviewing a run read besides the selectors: counts, cards, choices by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from matching import selectors
from matching.changes import Changes
from matching.drafts import Draft
from matching.models import LIVE, CriterionKind, PairingRun, Proposal, ProposalState, Unmatched
from matching.peers import explain_peers
from matching.reasons import (
    POINTS_A_PERCENT,
    Contribution,
    Line,
    for_manager,
    remedy_sentence,
    unmatched_sentence,
)
from participants.models import Enrolment

MOST_CHOICES = 2_000
"""Mentors with a seat among whom a form lets choose."""


@dataclass(frozen=True)
class Flag:
    """The pill under a pair: what a manager should notice first."""

    text: str
    icon: str = "calendar-clock"
    tone: str = ""


@dataclass(frozen=True)
class Card:
    """A proposed pair as the review page shows it."""

    proposal: Proposal
    is_open: bool

    @property
    def score(self) -> int:
        return round(self.proposal.score / POINTS_A_PERCENT)

    @cached_property
    def lines(self) -> list[Line]:
        """The parts of the score in the order of their weight, the same for every pair."""
        parts = sorted(self.proposal.contributions, key=lambda item: (-item["of"], item["kind"]))
        return for_manager(parts)

    @property
    def is_locked(self) -> bool:
        return bool(self.proposal.state == ProposalState.LOCKED)

    @property
    def is_held(self) -> bool:
        return bool(self.proposal.state == ProposalState.HELD)

    @property
    def is_rejected(self) -> bool:
        return bool(self.proposal.state == ProposalState.REJECTED)

    @property
    def is_published(self) -> bool:
        return bool(self.proposal.state == ProposalState.PUBLISHED)

    @property
    def flags(self) -> list[Flag]:
        found = []
        if self.is_held:
            found.append(Flag(_("Below the minimum fit"), "hand-helping", "warn"))
        if self.proposal.is_manual:
            found.append(Flag(_("Chosen by hand"), "user-round-check", "brand"))
        hours = _hours(self.proposal.contributions)
        if hours is not None:
            text = ngettext(
                "%(hours)d shared hour a week", "%(hours)d shared hours a week", hours
            ) % {"hours": hours}
            found.append(Flag(text, "clock-alert", "warn") if hours < 2 else Flag(text))
        return found


def _hours(contributions: Sequence[Contribution]) -> int | None:
    for item in contributions:
        if item["kind"] == CriterionKind.SHARED_HOURS and "hours" in item["facts"]:
            return int(item["facts"]["hours"])
    return None


def cards(proposals: Sequence[Proposal], run: PairingRun) -> list[Card]:
    return [card(proposal, run) for proposal in proposals]


def card(proposal: Proposal, run: PairingRun) -> Card:
    """Return a pair for the page. It is open while somebody may still decide about it."""
    is_open = run.published_at is None and proposal.state in (*LIVE, ProposalState.HELD)
    return Card(proposal, is_open)


@dataclass(frozen=True)
class Counts:
    """How a draft stands for one manager; pairs that concern them count as ``own`` only."""

    ready: int
    held: int
    own: int
    waiting: int


def draft_counts(run: PairingRun, user: User) -> Counts:
    """Count ready, held and own pairs, and mentees without any. Two queries."""
    own = Q(mentee__user=user) | Q(mentor__user=user)
    live, held = Q(state__in=LIVE), Q(state=ProposalState.HELD)
    found = Proposal.objects.filter(run=run).aggregate(
        ready=Count("pk", filter=live & ~own),
        held=Count("pk", filter=held & ~own),
        own=Count("pk", filter=(live | held) & own),
    )
    return Counts(**found, waiting=selectors.undecided_mentees(run).exclude(user=user).count())


@dataclass(frozen=True)
class Waiting:
    """A mentee without a proposal, why, and what would help: at ``mentor`` where one is named.

    ``rejected`` is the pair that was taken out last, which can come back.
    """

    enrolment: Enrolment
    sentence: str
    remedy: str = ""
    mentor: Enrolment | None = None
    rejected: int | None = None


def waiting_mentees(run: PairingRun, user: User, *, limit: int) -> list[Waiting]:
    """Return mentees without a proposal with what stood in the way, the manager's own left out."""
    mentees = list(selectors.undecided_mentees(run).exclude(user=user)[:limit])
    ids = [mentee.pk for mentee in mentees]
    rows = {row.enrolment_id: row for row in run.unmatched.filter(enrolment__in=ids)}
    rejected = {
        pk: pair[-1]
        for pair in Proposal.objects.filter(
            Q(mentee__in=ids) | Q(mentor__in=ids) if run.is_of_peers else Q(mentee__in=ids), run=run
        )
        .order_by("pk")
        .values_list("mentee_id", "mentor_id", "pk")
        for pk in pair[:2]
    }
    asked = [help_["mentor_id"] for row in rows.values() if (help_ := row.detail.get("help"))]
    asked += [mentor for row in rows.values() for mentor in row.detail.get("mentor_ids", [])]
    mentors = Enrolment.objects.filter(pk__in=asked).exclude(user=user).select_related("user")
    by_id = mentors.in_bulk()
    return [_waiting(mentee, rows.get(mentee.pk), rejected, by_id) for mentee in mentees]


def _waiting(
    mentee: Enrolment,
    row: Unmatched | None,
    rejected: Mapping[int, int],
    mentors: Mapping[int, Enrolment],
) -> Waiting:
    if row is None:
        return Waiting(mentee, _why(mentee, rejected), rejected=rejected.get(mentee.pk))
    wanted = [mentors[pk] for pk in row.detail.get("mentor_ids", []) if pk in mentors]
    why = unmatched_sentence(row, [str(one.user) for one in wanted])
    remedy = row.detail.get("help") or {}
    mentor = mentors.get(remedy.get("mentor_id", 0))
    if mentor is None:
        return Waiting(mentee, why)
    said = remedy_sentence(remedy, str(mentor.user))
    needs_seat = remedy["change"] == "seat"
    return Waiting(mentee, why, said, mentor if needs_seat else None)


def _why(mentee: Enrolment, rejected: Mapping[int, int]) -> str:
    if mentee.pk in rejected:
        return _("The proposed pair was rejected.")
    return _("Joined after this run began. Start a new run to include this person.")


@dataclass(frozen=True)
class HandChoice:
    """A mentor with a seat, for a mentee to be paired by hand."""

    mentor: Enrolment
    score: int
    is_blocked: bool

    @property
    def label(self) -> str:
        user = self.mentor.user
        parts = [str(user), user.job_title, user.location]
        if user.is_external:
            parts.append(_("external (%(organisation)s)") % {"organisation": user.organisation})
        name = ", ".join(part for part in parts if part)
        if self.is_blocked:
            return _("%(name)s: %(score)d of 100, breaks a rule") % {
                "name": name,
                "score": self.score,
            }
        return _("%(name)s: %(score)d of 100") % {"name": name, "score": self.score}


def hand_choices(run: PairingRun, mentee: Enrolment, user: User) -> list[HandChoice]:
    """Return mentors with a seat left, best for this mentee first; those a rule blocks come last.

    Raises:
        DomainError: the mentee joined after the run began.
    """
    if run.is_of_peers:
        return _peer_choices(run, mentee, user)
    draft = Draft(run)
    with_seats = selectors.mentors_with_seats(run).exclude(user=user)[:MOST_CHOICES]
    in_pool = draft.among([mentor.pk for mentor in with_seats])
    mentors = {
        mentor.pk: mentor
        for mentor in with_seats
        if mentor.pk in in_pool and mentor.user_id != mentee.user_id
    }
    explained = draft.explain_all([(mentee.pk, pk) for pk in mentors])
    explained.sort(key=lambda pair: (bool(pair.broken), -pair.score, pair.mentor_id))
    return [
        HandChoice(mentors[pair.mentor_id], round(pair.score / POINTS_A_PERCENT), bool(pair.broken))
        for pair in explained
    ]


def _peer_choices(run: PairingRun, one: Enrolment, user: User) -> list[HandChoice]:
    """Return the other peers without a pair, best for this one first."""
    draft = Draft(run)
    waiting = selectors.undecided_mentees(run).exclude(user=user).exclude(pk=one.pk)
    people = {other.pk: other for other in waiting[:MOST_CHOICES]}
    in_pool = draft.among(list(people))
    pairs = [(one.pk, pk) for pk in people if pk in in_pool]
    found = list(zip(pairs, explain_peers(draft, pairs), strict=True))
    found.sort(key=lambda item: (bool(item[1].broken), -item[1].score, item[0][1]))
    return [
        HandChoice(people[pk], round(pair.score / POINTS_A_PERCENT), bool(pair.broken))
        for (_one, pk), pair in found
    ]


def swap_choices(changes: Changes, user: User) -> list[HandChoice]:
    """Return the other mentors with a seat left whom no rule keeps away, the best first."""
    proposal, scores = changes.proposal, changes.scores()
    free = selectors.free_mentor_ids(changes.run) & changes.allowed() - {proposal.mentor_id}
    best = sorted(free, key=lambda mentor: (-scores[mentor], mentor))[:MOST_CHOICES]
    mentors = Enrolment.objects.exclude(user=user).select_related("user").in_bulk(best)
    return [
        HandChoice(mentors[pk], round(scores[pk] / POINTS_A_PERCENT), is_blocked=False)
        for pk in best
        if pk in mentors
    ]
