"""How enrolments, profiles and what belongs to them find the kept account when two become one.

Where both accounts were in a cohort in one role, and one of them is out, the other enrolment stays.
Apps above say what of the one that goes is worth keeping: see ``absorb``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib.postgres.functions import RandomUUID
from django.db.models import Count, F, Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import merging
from accounts.merging import Merge, rewire
from accounts.models import User
from participants.models import (
    Enrolment,
    EnrolmentStatus,
    Invitation,
    LineContact,
    NamedLineManager,
    Profile,
    ProfileSkill,
    Referee,
    ScreeningResult,
    SkillDirection,
)
from participants.roles import role_name
from programs.models import Program

IS_OUT = (EnrolmentStatus.WITHDRAWN, EnrolmentStatus.DECLINED)
WORDS = ("bio", "function", "career_goal", "goal_text", "offer_text")
LISTS = ("interests", "languages", "links", "available_hours")

_absorbed: dict[str, tuple[tuple[str, ...] | None, bool]] = {}
_gone: dict[str, str] = {}


def absorb(keys: Mapping[str, tuple[str, ...] | None], *, with_user: bool = False) -> None:
    """Have rows of an enrolment that goes point at the one that stays, unless that has the same.

    None means that there can be no same. ``with_user`` rows name the person beside the enrolment.
    """
    for key, same in keys.items():
        _absorbed[key] = (same, with_user)


def goes_along(reasons: Mapping[str, str]) -> None:
    """Say which rows go with an enrolment that goes, and why."""
    _gone.update(reasons)


def absorbed() -> set[str]:
    return set(_absorbed)


def gone() -> dict[str, str]:
    return dict(_gone)


def register() -> None:
    merging.by_hand(
        "participants.Enrolment.user", covers=("participants.Enrolment.user",), carry=_enrolments
    )
    merging.by_hand(
        "participants.Profile.user", covers=("participants.Profile.user",), carry=_profile
    )
    merging.by_hand(
        "participants.ScreeningResult.user",
        covers=("participants.ScreeningResult.user",),
        carry=_results,
    )
    merging.by_hand(
        "participants.Referee.user", covers=("participants.Referee.user",), carry=_referees
    )
    merging.by_hand(
        "participants.line_managers",
        covers=("participants.NamedLineManager.manager", "participants.LineContact.manager"),
        carry=_line_managers,
    )
    merging.move_once(
        {
            "participants.ProfilePhoto.user": (),
            "participants.Consent.user": ("cohort", "text"),
            "participants.Recommendation.by": ("cohort", "role", "email"),
            "participants.Confidentiality.user": ("text",),
            "participants.EnrolmentDraft.user": ("cohort", "role"),
        }
    )
    merging.move(
        "participants.ImportRun.requested_by",
        "participants.SignUpLink.created_by",
        "participants.Invitation.invited_by",
        "participants.EnrolmentNote.written_by",
        "participants.MoreAsked.asked_by",
        "participants.BulkDecision.decided_by",
        "participants.LineOverride.decided_by",
        "participants.Recommendation.decided_by",
        "participants.ScreeningResult.decided_by",
    )
    goes_along(
        {
            f"participants.{model}.enrolment": "It belongs to a place that was given up."
            for model in (
                "Answer",
                "Invitation",
                "EnrolmentNote",
                "MoreAsked",
                "PlaceOffer",
                "NamedLineManager",
                "LineContact",
                "LineOverride",
            )
        }
    )
    merging.register_obstacles(_obstacles)
    merging.register_holdings(_holdings)


def named(program: Program) -> str:
    """Return a program's name; one that is discreet is named to nobody here."""
    return _("a program") if program.is_discreet else program.name


def _obstacles(keep: User, double: User) -> Iterator[str]:
    taken: dict[tuple[int, str], Enrolment] = {}
    live = Enrolment.objects.exclude(status__in=IS_OUT).select_related("cohort__program")
    for enrolment in live.filter(user__in=(keep, double)).order_by("pk"):
        key = (enrolment.cohort_id, enrolment.role)
        if key in taken:
            yield _in_both(enrolment)
        taken[key] = enrolment
    outcomes: dict[int, ScreeningResult] = {}
    results = ScreeningResult.objects.select_related("step__program").defer("reason")
    for result in results.filter(user__in=(keep, double)).order_by("pk"):
        other = outcomes.setdefault(result.step_id, result)
        if other.state != result.state:
            yield _two_outcomes(result)


def _two_outcomes(result: ScreeningResult) -> str:
    program = result.step.program
    step = result.step.get_kind_display() if program.is_discreet else result.step.name
    return _(
        "Both accounts went through “%(step)s” of %(program)s. A program manager has to bring the "
        "two in line first."
    ) % {"step": step, "program": named(program)}


def _in_both(enrolment: Enrolment) -> str:
    program = enrolment.cohort.program
    values = {
        "program": program.name,
        "cohort": enrolment.cohort.name,
        "role": role_name(enrolment.role, program),
    }
    if program.is_discreet:
        return _(
            "Both accounts take part in one cohort in the same role. They have to withdraw one of "
            "the two first."
        )
    return (
        _(
            "Both accounts take part in %(cohort)s of %(program)s as %(role)s. A program manager "
            "has to withdraw one of the two first."
        )
        % values
    )


def _enrolments(merge: Merge) -> int:
    # Whoever reads the given-up mailbox must not come in by an invitation that was mailed there.
    sent_there = Invitation.objects.filter(enrolment__user=merge.double)
    sent_there.update(nonce=RandomUUID())
    stays = {(row.cohort_id, row.role): row for row in _all_of(merge.keep)}
    for row in _all_of(merge.double):
        other = stays.get((row.cohort_id, row.role))
        if other is None:
            continue
        if other.status in IS_OUT and row.status not in IS_OUT:
            _absorb_one(other, row)
        else:
            _absorb_one(row, other)
    return rewire("participants.Enrolment.user", old=merge.double.pk, new=merge.keep.pk)


def _all_of(person: User) -> list[Enrolment]:
    return list(Enrolment.objects.filter(user=person).order_by("pk"))


def _absorb_one(loser: Enrolment, survivor: Enrolment) -> None:
    for key, (same, with_user) in _absorbed.items():
        also: dict[str, Any] = {"user": survivor.user_id} if with_user else {}
        rewire(key, old=loser.pk, new=survivor.pk, same=same, **also)
    loser.delete()


def _profile(merge: Merge) -> int:
    """Fill what the kept profile leaves empty; what it says stays as it is."""
    keep = Profile.objects.filter(user=merge.keep).first()
    double = Profile.objects.filter(user=merge.double).first()
    if keep is None or double is None:
        return rewire("participants.Profile.user", old=merge.double.pk, new=merge.keep.pk)
    empty = [name for name in (*WORDS, *LISTS) if not getattr(keep, name)]
    for name in empty:
        setattr(keep, name, getattr(double, name))
    if "languages" in empty:
        keep.language_levels = double.language_levels
    most = max(keep.mentored_before_count, double.mentored_before_count)
    keep.mentored_before_count = most
    keep.save(update_fields=[*empty, "language_levels", "mentored_before_count"])
    for direction in SkillDirection.values:
        skills = ProfileSkill.objects.filter(direction=direction)
        if not skills.filter(profile=keep).exists():
            skills.filter(profile=double).update(profile=keep)
    double.delete()
    return 1


def _results(merge: Merge) -> int:
    """Of two outcomes of a step, which agree by now, the later one stays."""
    older = ScreeningResult.objects.filter(
        user=merge.keep,
        step__results__user=merge.double,
        step__results__decided_at__gt=F("decided_at"),
    )
    ScreeningResult.objects.filter(pk__in=list(older.values_list("pk", flat=True))).delete()
    return rewire(
        "participants.ScreeningResult.user",
        old=merge.double.pk,
        new=merge.keep.pk,
        same=("step",),
    )


def _referees(merge: Merge) -> int:
    steps = Referee.objects.filter(user=merge.keep).values_list("step", flat=True)
    Referee.objects.filter(user=merge.double, step__in=list(steps)).delete()
    return rewire("participants.Referee.user", old=merge.double.pk, new=merge.keep.pk)


def _line_managers(merge: Merge) -> int:
    """Carry who was named, told or asked; nobody is their own line manager."""
    own = Q(enrolment__user=merge.keep, manager=merge.double)
    for model in (NamedLineManager, LineContact):
        model._default_manager.filter(own).delete()
    old, new = merge.double.pk, merge.keep.pk
    named_count = rewire("participants.NamedLineManager.manager", old=old, new=new)
    return named_count + rewire("participants.LineContact.manager", old=old, new=new)


def _holdings(ids: list[int]) -> dict[int, list[tuple[str | Promise, int]]]:
    seen = Enrolment.objects.filter(user__in=ids, cohort__program__is_discreet=False)
    rows = (
        seen.order_by()
        .values("user")
        .annotate(
            live=Count("pk", filter=~Q(status__in=IS_OUT)),
            out=Count("pk", filter=Q(status__in=IS_OUT)),
        )
    )
    return {
        row["user"]: [
            (gettext_lazy("Enrolments"), row["live"]),
            (gettext_lazy("Enrolments that are over"), row["out"]),
        ]
        for row in rows
    }
