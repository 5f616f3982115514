"""The only way a view gets a cohort's people or an import.

A stranger gets 404; somebody who belongs to the cohort, or sees its figures, but does not manage
it gets 403.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef
from django.http import Http404

from accounts.access import IT, has_organisation_role
from accounts.models import User
from participants.joining import invitation_is_open
from participants.models import (
    BulkDecision,
    Enrolment,
    EnrolmentDraft,
    ImportRun,
    Invitation,
    MemberRole,
    PlaceOffer,
    Recommendation,
    SignUpLink,
)
from participants.tokens import read_invitation_token
from programs.models import Cohort, ScreeningStep

Found = TypeVar("Found")


def get_managed_cohort(user: User, pk: int) -> Cohort:
    """Return a cohort whose people this person manages; ``asks_steps``: its program has some."""
    rows = Cohort.objects.managed_by(user).select_related("program")
    steps = ScreeningStep.objects.filter(program=OuterRef("program_id"), is_asked=True)
    cohort = rows.annotate(asks_steps=Exists(steps)).filter(pk=pk).first()
    if cohort is None:
        raise _refusal(user, pk)
    return cohort


def get_managed_enrolment(user: User, pk: int) -> Enrolment:
    """Return an enrolment in a cohort that this person manages."""
    rows = Enrolment.objects.select_related(
        "cohort__program", "user__profile", "user__level", "user__manager", "user__vouched_by"
    )
    return _managed(rows, user, pk=pk)


def get_managed_import(user: User, token: UUID) -> ImportRun:
    """Return an import into a cohort that this person manages, without its file."""
    return _managed(ImportRun.objects.select_related("cohort__program"), user, token=token)


def get_managed_link(user: User, pk: int) -> SignUpLink:
    """Return a sign-up link into a cohort that this person manages."""
    found: SignUpLink = _managed(SignUpLink.objects.select_related("cohort__program"), user, pk=pk)
    return found


def get_managed_recommendation(user: User, pk: UUID) -> Recommendation:
    """Return what was said about a colleague for a cohort that this person manages."""
    rows = Recommendation.objects.select_related("cohort__program")
    found: Recommendation = _managed(rows, user, pk=pk)
    return found


def get_own_recommendation(user: User, pk: UUID) -> Recommendation:
    """Return what this person said about a colleague."""
    found = Recommendation.objects.filter(pk=pk, by=user).first()
    if found is None:
        raise Http404
    return found


def enrolment_in(user: User, cohort_id: int) -> Enrolment | None:
    """Return the person's own enrolment in a cohort, the newest of two roles."""
    return Enrolment.objects.filter(user=user, cohort=cohort_id).order_by("-pk").first()


def get_link(token: str) -> SignUpLink:
    """Return the sign-up link that somebody holds, open or closed."""
    rows = SignUpLink.objects.select_related("cohort__program")
    link = rows.filter(token=token).first()
    if link is None:
        raise Http404
    return link


def get_invitation(token: str, *, now: datetime) -> Invitation | None:
    """Return the invitation that a mailed link leads to; None when it leads nowhere any more.

    Raises:
        Http404: the link is not ours.
    """
    read = read_invitation_token(token)
    if read is None:
        raise Http404
    pk, nonce = read
    found = (
        Invitation.objects.select_related("enrolment__cohort__program", "enrolment__user")
        .select_related("invited_by")
        .filter(pk=pk, nonce=nonce)
        .first()
    )
    return found if found is not None and invitation_is_open(found, now) else None


@dataclass(frozen=True)
class Application:
    """Somebody's way into a cohort in a role: what they have begun, and what they are."""

    cohort: Cohort
    role: str
    enrolment: Enrolment | None
    draft: EnrolmentDraft | None


def get_application(user: User, cohort_pk: int, role: str) -> Application:
    """Return the person's own form of a cohort, begun by a link, an invitation, or answered."""
    if role not in MemberRole.values:
        raise Http404
    key = {"user": user, "cohort": cohort_pk, "role": role}
    enrolment = Enrolment.objects.filter(**key).first()
    draft = EnrolmentDraft.objects.filter(**key).select_related("link").first()
    if enrolment is None and draft is None:
        raise Http404
    cohort = Cohort.objects.select_related("program").get(pk=cohort_pk)
    return Application(cohort, role, enrolment, draft)


def get_own_enrolment(user: User, pk: int) -> Enrolment:
    """Return the person's own enrolment; ``asks_steps`` tells whether they have to pass any."""
    steps = ScreeningStep.objects.filter(program=OuterRef("cohort__program_id"), is_asked=True)
    rows = Enrolment.objects.select_related("cohort__program", "user").annotate(
        asks_steps=Exists(steps)
    )
    found = rows.filter(pk=pk, user=user).first()
    if found is None:
        raise Http404
    return found


def get_decision(cohort: Cohort, pk: str) -> BulkDecision:
    """Return what was decided in one go about sign-ups of this cohort."""
    try:
        found: BulkDecision | None = BulkDecision.objects.filter(pk=pk, cohort=cohort).first()
    except (ValueError, ValidationError):
        found = None
    if found is None:
        raise Http404
    return found


def get_step_of(cohort: Cohort, pk: int | None) -> ScreeningStep:
    """Return a step that the cohort's program asks for."""
    steps = ScreeningStep.objects.filter(program=cohort.program_id, is_asked=True)
    return found_or_404(steps.filter(pk=pk or 0).first())


def found_or_404(found: Found | None) -> Found:
    """Return what was found, or raise 404."""
    if found is None:
        raise Http404
    return found


def get_own_offer(user: User, pk: int) -> PlaceOffer:
    """Return a place that was offered to this person."""
    rows = PlaceOffer.objects.select_related("enrolment__cohort__program", "enrolment__user")
    offer = rows.filter(pk=pk, enrolment__user=user).first()
    if offer is None:
        raise Http404
    return offer


@dataclass(frozen=True)
class SeenPerson:
    """Somebody's profile, and as whom one sees it: "self", "partner", "manager" or "it"."""

    person: User
    seat: str


def get_visible_person(user: User, pk: int) -> SeenPerson:
    """Return a person whose profile this person may read.

    People of a match read each other while it lasts; managers read the people of their cohorts; IT
    keeps people. Everybody else gets 404.
    """
    seat = _seat(user, pk)
    person = User.objects.select_related("profile", "level").filter(pk=pk).first()
    if not seat or person is None:
        raise Http404
    return SeenPerson(person, seat)


def reads_line_words(user: User, enrolment: Enrolment) -> bool:
    """Tell whether a manager may read what was written about a line manager's answer.

    Not about themselves, nor about somebody they are in a match with.
    """
    return _seat(user, enrolment.user_id) == "manager"


def _seat(user: User, pk: int) -> str:
    if user.pk == pk:
        return "self"
    together = Enrolment.objects.filter(
        user=user,
        memberships__left_at__isnull=True,
        memberships__match__members__user=pk,
        memberships__match__members__left_at__isnull=True,
    )
    if together.exists():
        return "partner"
    if Enrolment.objects.managed_by(user).filter(user=pk).exists():
        return "manager"
    return "it" if user.is_superuser or has_organisation_role(user, (IT,)) else ""


def _managed(rows: Any, user: User, **key: Any) -> Any:
    found = rows.managed_by(user).filter(**key).first()
    if found is None:
        cohort_id = rows.filter(**key).values_list("cohort_id", flat=True).first()
        raise _refusal(user, cohort_id)
    return found


def _refusal(user: User, cohort_id: int | None) -> Exception:
    if cohort_id is None:
        return Http404()
    is_inside = (
        Cohort.objects.reported_to(user).filter(pk=cohort_id).exists()
        or Enrolment.objects.filter(cohort=cohort_id, user=user).exists()
    )
    return PermissionDenied() if is_inside else Http404()
