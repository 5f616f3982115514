"""What somebody types into the log form is kept, sealed, until they save or drop it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import DomainError
from matching.models import Match
from sessions.models import LogDraft
from sessions.services import rules

LONGEST_DRAFT = 60_000
KEPT_FOR = timedelta(days=90)


@transaction.atomic
def keep_draft(
    *, match: Match, actor: User, now: datetime, content: Mapping[str, str]
) -> LogDraft | None:
    """Keep what was typed in place of what was kept before; nothing typed keeps nothing.

    Raises:
        NotAllowed: the actor is not a member of the match.
        DomainError: more than 60,000 characters; what was kept before stays.
    Effects: one sealed row of the actor's own; no audit row, since nothing happened yet.
    """
    rules.require_member(match, actor)
    typed = {name: value for name, value in content.items() if value}
    if not typed:
        drop_draft(match=match, actor=actor)
        return None
    text = json.dumps(typed, ensure_ascii=False)
    if len(text) > LONGEST_DRAFT:
        raise DomainError(_("This is too long to keep for later. Please shorten it first."))
    draft, _created = LogDraft.objects.select_for_update().get_or_create(
        match=match, author=actor, defaults={"content": text, "saved_at": now}
    )
    draft.content, draft.saved_at = text, now
    draft.save(update_fields=("content", "saved_at"))
    return draft


def drop_draft(*, match: Match, actor: User) -> None:
    """Forget what was typed. Again is fine."""
    LogDraft.objects.filter(match=match, author=actor).delete()


def drop_old_drafts(*, now: datetime) -> int:
    """Forget what nobody came back to for 90 days; return how many drafts."""
    return LogDraft.objects.filter(saved_at__lt=now - KEPT_FOR).delete()[0]


def read_draft(*, match: Match, actor: User) -> tuple[dict[str, str], datetime] | None:
    """Return what was typed and when, or None."""
    draft = LogDraft.objects.filter(match=match, author=actor).first()
    if draft is None:
        return None
    content: dict[str, str] = json.loads(str(draft.content) or "{}")
    return content, draft.saved_at
