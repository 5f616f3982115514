"""The mails of joining: asked, reminded, where one stands, a place that is free."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications import registry
from notifications.links import absolute
from notifications.models import Message
from notifications.registry import Audience, MessageKind, Planner, Share
from participants.joining import invitation_is_open, is_enrolling
from participants.line_managers import ASKING, MEETING_MINUTES, line_token, still_holds
from participants.models import (
    Enrolment,
    EnrolmentDraft,
    EnrolmentStatus,
    Invitation,
    LineContact,
    LineState,
    MoreAsked,
    OfferOutcome,
    PlaceOffer,
)
from participants.selectors import recommended_by
from participants.services.line_managers import follow_line_managers
from participants.services.waiting import remind
from participants.tokens import invitation_token


def register() -> None:
    registry.register(
        MessageKind(
            name="participants.invitation",
            asks=True,
            template="mail/participants/invitation",
            title=gettext_lazy("Invitations"),
            why=gettext_lazy("You get this because a program manager has invited you."),
            is_required=True,
            may_stop=False,
            is_still_due=_invitation_is_due,
            context=_invitation_context,
            page=lambda message: reverse("enrolment_status", args=[message.found.enrolment_id]),
        )
    )
    registry.register(
        MessageKind(
            name="participants.draft_reminder",
            asks=True,
            template="mail/participants/draft_reminder",
            title=gettext_lazy("Sign-ups you have begun"),
            why=gettext_lazy("You get this once, because you have begun to sign up."),
            is_required=False,
            may_stop=True,
            is_still_due=_draft_is_due,
            context=_draft_context,
            audience=Audience.WHOEVER_HAD_ONE,
        )
    )
    registry.register(
        MessageKind(
            name="participants.standing",
            template="mail/participants/standing",
            title=gettext_lazy("Where you stand"),
            why=gettext_lazy("You get this because you have signed up for a mentoring program."),
            is_required=True,
            may_stop=False,
            is_still_due=_standing_is_due,
            context=_standing_context,
        )
    )
    registry.register(
        MessageKind(
            name="participants.more_asked",
            asks=True,
            template="mail/participants/more_asked",
            title=gettext_lazy("A question about your sign-up"),
            why=gettext_lazy("You get this because you have signed up for a mentoring program."),
            is_required=True,
            may_stop=False,
            is_still_due=_more_is_due,
            context=_standing_context,
        )
    )
    registry.register(
        MessageKind(
            name="participants.place_offered",
            asks=True,
            template="mail/participants/place_offered",
            title=gettext_lazy("A place for you"),
            why=gettext_lazy("You get this because you are on the waitlist."),
            is_required=True,
            may_stop=False,
            is_still_due=_offer_is_due,
            context=_offer_context,
        )
    )
    _register_line_managers()
    registry.register_planner(Planner("participants.reminders", remind))
    registry.register_planner(
        Planner(
            "participants.line_managers", follow_line_managers, writes=("participants.LineContact",)
        )
    )


def _register_line_managers() -> None:
    why = gettext_lazy("You get this because somebody whose line manager you are takes part.")
    registry.register(
        MessageKind(
            name="participants.line_told",
            template="mail/participants/line_told",
            title=gettext_lazy("Somebody of yours takes part"),
            why=why,
            is_required=False,
            may_stop=True,
            is_still_due=_line_is_due,
            context=_line_context,
            share=Share.NONE,
            audience=Audience.WHOEVER_HAD_ONE,
        )
    )
    registry.register(
        MessageKind(
            name="participants.line_asked",
            asks=True,
            template="mail/participants/line_asked",
            title=gettext_lazy("Your word before somebody takes part"),
            why=gettext_lazy("You get this because somebody whose line manager you are signed up."),
            is_required=True,
            may_stop=True,
            is_still_due=_line_is_due,
            context=_line_context,
            share=Share.NONE,
            is_timely=True,
            audience=Audience.WHOEVER_HAD_ONE,
        )
    )
    registry.register(
        MessageKind(
            name="participants.line_ahead",
            template="mail/participants/line_ahead",
            title=gettext_lazy("Before your line manager hears of it"),
            why=gettext_lazy("You get this because you were put on the list of a program."),
            is_required=True,
            may_stop=False,
            is_still_due=_line_is_due,
            context=_line_ahead_context,
        )
    )


def _invitation_is_due(message: Message, now: datetime) -> str:
    message.found = (
        Invitation.objects.select_related(
            "enrolment__cohort__program", "enrolment__user", "invited_by"
        )
        .filter(pk=message.object_id or 0, enrolment__user=message.recipient_id)
        .first()
    )
    if message.found is not None and invitation_is_open(message.found, now):
        return ""
    return _("The invitation is answered, taken back or too old.")


def _invitation_context(message: Message) -> dict[str, Any]:
    invitation: Invitation = message.found
    return {
        **_about(invitation.enrolment),
        "host": invitation.invited_by or "",
        "recommended_by": recommended_by(invitation.enrolment),
        "is_reminder": message.occasion == "reminder",
        "expires_at": invitation.expires_at,
        "url": absolute("participants:invitation", invitation_token(invitation)),
    }


def _draft_is_due(message: Message, now: datetime) -> str:
    message.found = (
        EnrolmentDraft.objects.select_related("cohort__program")
        .filter(user=message.recipient_id, cohort=message.object_id or 0, role=message.occasion)
        .first()
    )
    if message.found is None:
        return _("The sign-up is finished or dropped.")
    today = now.date()
    return "" if is_enrolling(message.found.cohort, today) else _("Enrolment has closed.")


def _draft_context(message: Message) -> dict[str, Any]:
    draft: EnrolmentDraft = message.found
    return {
        "program": draft.cohort.program,
        "cohort": draft.cohort,
        "closes_on": draft.cohort.enrolment_closes_on,
        "url": absolute("participants:apply", draft.cohort_id, draft.role),
    }


def _standing_is_due(message: Message, now: datetime) -> str:
    message.found = _enrolment(message)
    status = message.occasion.partition(" ")[0]
    if message.found is not None and message.found.status == status:
        return ""
    return _("The person stands elsewhere by now.")


def _enrolment(message: Message) -> Enrolment | None:
    return (
        Enrolment.objects.select_related("cohort__program")
        .filter(pk=message.object_id or 0, user=message.recipient_id)
        .first()
    )


def _more_is_due(message: Message, now: datetime) -> str:
    """The newest question only, while it waits for an answer and the sign-up for a decision."""
    message.found = _enrolment(message)
    asked = MoreAsked.objects.filter(
        enrolment=message.object_id or 0,
        answered_at__isnull=True,
        enrolment__status=EnrolmentStatus.APPLIED,
    ).first()
    if message.found is None or asked is None:
        return _("Answered already, or decided.")
    newest = message.occasion == f"{asked.asked_at:%Y%m%d%H%M%S}"
    return "" if newest else _("Asked anew since.")


def _standing_context(message: Message) -> dict[str, Any]:
    enrolment: Enrolment = message.found
    return {
        **_about(enrolment),
        "status": enrolment.status,
        "url": absolute("enrolment_status", enrolment.pk),
    }


def _offer_is_due(message: Message, now: datetime) -> str:
    message.found = (
        PlaceOffer.objects.select_related("enrolment__cohort__program")
        .filter(
            pk=message.object_id or 0,
            outcome=OfferOutcome.OPEN,
            expires_at__gt=now,
            enrolment__status=EnrolmentStatus.WAITLISTED,
        )
        .first()
    )
    return "" if message.found else _("The offer is answered or has run out.")


def _offer_context(message: Message) -> dict[str, Any]:
    offer: PlaceOffer = message.found
    return {
        **_about(offer.enrolment),
        "expires_at": offer.expires_at,
        "url": absolute("enrolment_status", offer.enrolment_id),
    }


def _about(enrolment: Enrolment) -> dict[str, Any]:
    return {
        "program": enrolment.cohort.program,
        "cohort": enrolment.cohort,
        "role": enrolment.role,
        "starts_on": enrolment.cohort.starts_on,
        "contact": enrolment.cohort.program.contact_name or _("your program manager"),
    }


def _line_is_due(message: Message, now: datetime) -> str:
    rows = LineContact.objects.select_related(
        "manager", "enrolment__user__manager", "enrolment__cohort__program"
    )
    found = message.found = rows.filter(pk=message.object_id or 0).first()
    if found is None or not still_holds(found, now=now):
        return _("This line manager is not to be told or asked any more.")
    is_answered = found.state != LineState.ASKED or found.enrolment.status not in ASKING
    if message.kind == "participants.line_asked" and is_answered:
        return _("The line manager has answered, or it is decided.")
    return ""


def _line_context(message: Message) -> dict[str, Any]:
    contact: LineContact = message.found
    return {
        **_about(contact.enrolment),
        "person": contact.enrolment.user,
        "ends_on": contact.enrolment.cohort.ends_on,
        "minutes": MEETING_MINUTES,
        "rhythm_days": contact.enrolment.cohort.rhythm_days,
        "expires_at": contact.expires_at,
        "is_reminder": message.occasion == "reminder",
        "url": absolute("participants:line_manager", line_token(contact)),
    }


def _line_ahead_context(message: Message) -> dict[str, Any]:
    contact: LineContact = message.found
    return {
        **_about(contact.enrolment),
        "manager": contact.manager,
        "is_asked": contact.state != LineState.TOLD,
        "url": absolute("enrolment_status", contact.enrolment_id),
    }
