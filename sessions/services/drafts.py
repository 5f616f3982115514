"""What somebody types into the log form is kept, sealed, until they save or drop it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from accounts.models import User
from matching.models import Match
from sessions.models import LogDraft
from sessions.services import rules

LONGEST_DRAFT = 60_000


@transaction.atomic
def keep_draft(
    *, match: Match, actor: User, now: datetime, content: Mapping[str, str]
) -> LogDraft | None:
    """Keep what was typed in place of what was kept before; nothing typed keeps nothing.

    Raises:
        NotAllowed: the actor is not a member of the match.
    Effects: one sealed row of the actor's own; no audit row, since nothing happened yet.
    """
    rules.require_member(match, actor)
    text = json.dumps({name: value for name, value in content.items() if value})
    if not any(content.values()) or len(text) > LONGEST_DRAFT:
        return None
    draft = LogDraft.objects.filter(match=match, author=actor).first()
    draft = draft or LogDraft(match=match, author=actor)
    draft.content, draft.saved_at = text, now
    draft.save()
    return draft


def drop_draft(*, match: Match, actor: User) -> None:
    """Forget what was typed. Again is fine."""
    LogDraft.objects.filter(match=match, author=actor).delete()


def read_draft(*, match: Match, actor: User) -> tuple[dict[str, str], datetime] | None:
    """Return what was typed and when, or None."""
    draft = LogDraft.objects.filter(match=match, author=actor).first()
    if draft is None:
        return None
    content: dict[str, str] = json.loads(str(draft.content) or "{}")
    return content, draft.saved_at
