"""What every write of a note asks first."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import DomainError, NotAllowed
from matching.models import Match

LONGEST_TEXT = 10_000
LONGEST_TITLE = 120


def require_member(match: Match, actor: User) -> None:
    """Raise NotAllowed unless the actor is in the match."""
    if not Match.objects.of(actor).filter(pk=match.pk).exists():
        raise NotAllowed(_("Only the people of a match write notes about it."))


def words(text: str, *, field: str = "text", longest: int = LONGEST_TEXT) -> str:
    """Return the text without blanks around it; raise DomainError when it is none or too long."""
    text = text.strip()
    if not text:
        raise DomainError(_("Write something first."), code="empty", field=field)
    if len(text) > longest:
        raise DomainError(
            _("This is too long: use at most %(count)d characters.") % {"count": longest},
            code="too_long",
            field=field,
        )
    return text
