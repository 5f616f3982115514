"""Whom a signed link speaks for, whose inbox a line is in, and who reads what others were told."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404

from accounts.access import discreet_program_ids
from accounts.models import User
from audit.models import AuditEvent
from notifications import registry
from notifications.links import read_stop_token
from notifications.models import Notice, WebhookDelivery
from notifications.registry import MessageKind


def get_stop(token: str) -> tuple[User, list[MessageKind]] | None:
    """Return the person and the kinds that a link may stop, or None when it is not ours."""
    found = read_stop_token(token)
    if found is None:
        return None
    user_id, names = found
    known = (registry.find(name) for name in names)
    kinds = [kind for kind in known if kind is not None and kind.may_stop]
    user = User.objects.filter(pk=user_id).first()
    return (user, kinds) if user is not None and kinds else None


def get_notice(user: User, pk: UUID) -> Notice:
    """Return a line of this person's own inbox.

    Raises:
        Http404: there is none.
    """
    notice = Notice.objects.filter(recipient=user, pk=pk).first()
    if notice is None:
        raise Http404
    return notice


def deliveries_for(user: User) -> QuerySet[WebhookDelivery]:
    """Return what other systems were told; nothing of discreet programs."""
    rows = WebhookDelivery.objects.all()
    if user.is_superuser:
        return rows
    quiet = AuditEvent.objects.filter(program_id__in=discreet_program_ids())
    return rows.exclude(event_id__in=quiet.values("pk"))
