"""How matches and what belongs to them find the kept account when two become one."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import merging
from accounts.merging import Merge
from accounts.models import User
from matching.models import DoNotPair, Match, MatchMember, MatchStatus
from participants.merging import absorb, goes_along


def register() -> None:
    merging.move(
        "matching.MatchMember.user",
        "matching.DoNotPair.created_by",
        "matching.RuleOverride.created_by",
        "matching.PairingRun.requested_by",
        "matching.PairingRun.published_by",
        "matching.Publication.requested_by",
        "matching.Proposal.decided_by",
    )
    # After the members: whom somebody asked not to meet again while in a match ends no match.
    merging.by_hand(
        "matching.DoNotPair",
        covers=("matching.DoNotPair.low", "matching.DoNotPair.high"),
        carry=_kept_apart,
    )
    merging.by_hand("matching.Match.contributions", covers=(), carry=_seats)
    merging.move_once({"matching.Scenario.requested_by": ("run",)}, where=Q(name=""))
    merging.move_once(
        {
            "matching.MatchConfirmation.user": ("match",),
            "matching.ExpectationSheet.user": ("match",),
            "matching.ThreadRead.user": ("match",),
            "matching.ThreadMail.user": (),
        }
    )
    merging.move(
        "matching.AgreementVersion.written_by",
        past=("matching.AgreementVersion:signed_is_final_on_update",),
    )
    merging.move("matching.AgreementSignature.user", past=("matching.AgreementSignature:final",))
    merging.move("matching.ThreadMessage.author", past=("matching.ThreadMessage:final",))
    absorb({"matching.MatchMember.enrolment": None}, with_user=True)
    absorb(
        {
            "matching.CircleMentor.enrolment": ("run",),
            "matching.Proposal.mentee": ("run",),
            "matching.Proposal.mentor": None,
            "matching.Unmatched.enrolment": ("run",),
            "matching.RuleOverride.mentor": ("mentee", "rule"),
            "matching.RuleOverride.mentee": ("mentor", "rule"),
        }
    )
    goes_along(
        {
            "matching.TraitConsent.enrolment": "A yes is given for one place and asked for anew.",
            "matching.PairingWish.enrolment": "Wishes belong to the place that was given up.",
        }
    )
    merging.register_obstacles(_obstacles)
    merging.register_holdings(_holdings)


def _obstacles(keep: User, double: User) -> Iterator[str]:
    theirs = MatchMember.objects.filter(user=keep).values("match")
    if MatchMember.objects.filter(user=double, match__in=theirs).exists():
        yield _(
            "The two were in one match: they are two people. Say below that they are not the same."
        )


def _seats(merge: Merge) -> int:
    """Let what counted for the double's seat in a circle be told to the kept account."""
    rows = Match.objects.filter(contributions__contains=[{"seat": merge.double.pk}])
    for row in rows:
        row.contributions = [
            {**part, "seat": merge.keep.pk} if part.get("seat") == merge.double.pk else part
            for part in row.contributions
        ]
        row.save(update_fields=["contributions"])
    return len(rows)


def _kept_apart(merge: Merge) -> int:
    """Carry whom the double is not paired with; low stays below high, and each pair stands once."""
    keep, double = merge.keep.pk, merge.double.pk
    rows = DoNotPair.objects.filter(Q(low=double) | Q(high=double)).order_by("pk")
    for row in rows:
        other = row.high_id if row.low_id == double else row.low_id
        low, high = sorted((keep, other))
        if low == high or DoNotPair.objects.filter(low=low, high=high).exists():
            row.delete()
            continue
        row.low_id, row.high_id = low, high
        row.save(update_fields=["low", "high"])
    return len(rows)


def _holdings(ids: list[int]) -> dict[int, list[tuple[str | Promise, int]]]:
    seen = MatchMember.objects.filter(user__in=ids, match__cohort__program__is_discreet=False)
    is_open = Q(left_at__isnull=True) & ~Q(match__status=MatchStatus.ENDED)
    rows = (
        seen.order_by()
        .values("user")
        .annotate(now=Count("pk", filter=is_open), before=Count("pk", filter=~is_open))
    )
    return {
        row["user"]: [
            (gettext_lazy("Open matches"), row["now"]),
            (gettext_lazy("Earlier matches"), row["before"]),
        ]
        for row in rows
    }
