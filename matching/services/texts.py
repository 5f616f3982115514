"""Vectors of texts: looked up by hash, made where they are missing, forgotten when unused."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import blake2b

import numpy as np
from django.conf import settings

from matching import meaning
from matching.meaning import DIMENSIONS, Vectors, normalised
from matching.vectors import TextVector

ROWS_A_BATCH = 2_000
TOUCHED_EVERY = timedelta(days=30)
KEPT = timedelta(days=180)

logger = logging.getLogger(__name__)


def current_version() -> str:
    """Return the name of the model in use; empty where words are compared instead."""
    if not settings.TEXT_MEANING:
        return ""
    if not meaning.is_installed():
        logger.warning("wordllama is not installed: goals are compared word by word.")
        return ""
    return meaning.VERSION


def vectors_for(*, texts: Sequence[str], version: str, today: date) -> Vectors | None:
    """Return one row a text, (texts, 256); zeros where a text is empty or not English.

    ``version`` is that of a frozen pool. One that this installation does not run (any more) is
    answered from what is remembered; None when a text is missing there.

    Effects: one query for what is known; new texts are embedded and remembered in bulk (a second
    worker at the same moment writes the same rows: the first wins); rows that were not used for a
    month are marked as used today.
    """
    digests = [digest(text) for text in texts]
    wanted = {key: text for key, text in zip(digests, texts, strict=True) if text.strip()}
    known = _remembered(set(wanted), version=version, today=today)
    missing = [key for key in wanted if key not in known]
    if missing:
        if not version or version != current_version():
            return None
        found = meaning.vectors_of([wanted[key] for key in missing])
        known |= dict(zip(missing, (row.tobytes() for row in found), strict=True))
        _remember({key: known[key] for key in missing}, version=version, today=today)
    nothing = bytes(DIMENSIONS)
    rows = b"".join(known.get(key, nothing) for key in digests)
    return np.frombuffer(rows, dtype=np.int8).reshape(len(texts), DIMENSIONS)


def digest(text: str) -> bytes:
    """Return the hash under which the vector of a text is remembered."""
    return blake2b(normalised(text).encode(), digest_size=16).digest()


def _remembered(digests: set[bytes], *, version: str, today: date) -> dict[bytes, bytes]:
    rows = TextVector.objects.filter(version=version, digest__in=digests)
    found = {}
    stale = []
    for pk, key, vector, used_on in rows.values_list("pk", "digest", "vector", "used_on"):
        found[bytes(key)] = bytes(vector)
        if used_on <= today - TOUCHED_EVERY:
            stale.append(pk)
    if stale:
        TextVector.objects.filter(pk__in=stale).update(used_on=today)
    return found


def _remember(vectors: dict[bytes, bytes], *, version: str, today: date) -> None:
    TextVector.objects.bulk_create(
        (
            TextVector(digest=key, version=version, vector=vector, used_on=today)
            for key, vector in sorted(vectors.items())
        ),
        batch_size=ROWS_A_BATCH,
        ignore_conflicts=True,
    )


def forget_unused_vectors(*, today: date) -> int:
    """Delete vectors that no run asked for in half a year, of whatever version; return how many."""
    return TextVector.objects.filter(used_on__lt=today - KEPT).delete()[0]
