"""Who may answer a short question, and who may read the answers."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import User
from feedback.models import CheckIn, FitQuestion, Pulse
from feedback.tokens import FIT_SALT, PULSE_SALT, read_token
from participants.models import Enrolment
from programs.models import Cohort


class ForeignLink(Exception):
    """Somebody else is signed in than the person the link was sent to."""


def get_check_in_by_token(token: str, *, visitor: User | AnonymousUser) -> CheckIn | None:
    """Return the check-in that a mail's link is about, or None when the link is not ours.

    Raises:
        LinkExpired: the link is older than 30 days.
        ForeignLink: the visitor is signed in as somebody else.
    """
    found = read_token(token)
    if found is None:
        return None
    check_in_id, user_id = found
    if visitor.is_authenticated and visitor.pk != user_id:
        raise ForeignLink
    rows = CheckIn.objects.select_related("user", "match__cohort__program")
    return rows.filter(pk=check_in_id, user_id=user_id).first()


def get_check_in_for(user: User, pk: int) -> CheckIn:
    """Return one of the person's own check-ins, else 404."""
    rows = CheckIn.objects.of(user).select_related("user", "match__cohort__program")
    check_in: CheckIn | None = rows.filter(pk=pk).first()
    if check_in is None:
        raise Http404
    return check_in


def get_fit_by_token(token: str, *, visitor: User | AnonymousUser) -> FitQuestion | None:
    """Return the fit question that a mail's link is about, or None when the link is not ours.

    Raises:
        LinkExpired: the link is older than 30 days.
        ForeignLink: the visitor is signed in as somebody else.
    """
    found = read_token(token, salt=FIT_SALT)
    if found is None:
        return None
    question_id, user_id = found
    if visitor.is_authenticated and visitor.pk != user_id:
        raise ForeignLink
    rows = FitQuestion.objects.select_related("user", "match__cohort__program", "words")
    return rows.filter(pk=question_id, user_id=user_id).first()


def get_fit_for(user: User, pk: int) -> FitQuestion:
    """Return one of the person's own fit questions, else 404."""
    rows = FitQuestion.objects.of(user).select_related("user", "match__cohort__program", "words")
    question: FitQuestion | None = rows.filter(pk=pk).first()
    if question is None:
        raise Http404
    return question


def get_pulse_by_token(token: str, *, visitor: User | AnonymousUser) -> Pulse | None:
    """Return the pulse that a mail's link is about, or None when the link is not ours.

    Raises:
        LinkExpired: the link is older than 30 days.
        ForeignLink: the visitor is signed in as somebody else.
    """
    found = read_token(token, salt=PULSE_SALT)
    if found is None:
        return None
    pulse_id, user_id = found
    if visitor.is_authenticated and visitor.pk != user_id:
        raise ForeignLink
    rows = Pulse.objects.select_related("enrolment__user", "enrolment__cohort__program", "words")
    return rows.filter(pk=pulse_id, enrolment__user=user_id).first()


def get_pulse_for(user: User, pk: int) -> Pulse:
    """Return one of the person's own pulses, else 404."""
    rows = Pulse.objects.of(user).select_related(
        "enrolment__user", "enrolment__cohort__program", "words"
    )
    pulse: Pulse | None = rows.filter(pk=pk).first()
    if pulse is None:
        raise Http404
    return pulse


def get_cohort_for(user: User, pk: int) -> Cohort:
    """Return a cohort whose answers the person reads: 403 for its participants, else 404."""
    rows = Cohort.objects.managed_by(user).select_related("program")
    cohort: Cohort | None = rows.filter(pk=pk).first()
    if cohort is not None:
        return cohort
    if Enrolment.objects.filter(cohort_id=pk, user=user).exists():
        raise PermissionDenied
    raise Http404
