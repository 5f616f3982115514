"""The start is refused when stored private words need a key that is not configured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import ProgrammingError, transaction

from core import keys


@register(Tags.database)
def check_stored_keys(
    app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """Run with ``migrate``, which every start runs, and with ``check --database default``."""
    if not databases:
        return []
    try:
        with transaction.atomic():
            missing = sorted(keys.missing_keys())
    except ProgrammingError:  # before the first migration there is nothing to open
        return []
    if not missing:
        return []
    return [
        Error(
            f"Private words are sealed with keys that FIELD_KEYS lacks: {', '.join(missing)}.",
            hint="Put the keys back, behind the current one. Without them the words are lost.",
            id="alongside.E003",
        )
    ]
