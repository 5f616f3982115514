"""What the engine refuses, in sentences that tell the manager what to do."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matching.engine import EngineError
from matching.engine.errors import (
    InvalidPolicy,
    LockedBeyondCapacity,
    LockedPairForbidden,
    LockedTwice,
    TooManyForLeximin,
)
from participants.models import Enrolment

MOST_NAMES = 5
LOCKED: dict[type[EngineError], str | Promise] = {
    LockedPairForbidden: gettext_lazy(
        "A rule forbids a pair that is locked in the last draft. Unlock it, then start a new run."
    ),
    LockedTwice: gettext_lazy(
        "A mentee has two locked pairs in the last draft. Unlock one, then start a new run."
    ),
    LockedBeyondCapacity: gettext_lazy(
        "A mentor has more locked pairs in the last draft than seats. Unlock one or raise the "
        "mentor’s capacity, then start a new run."
    ),
}


def sentence_for(error: EngineError) -> str:
    """Return what went wrong, whom it concerns, and the next step."""
    if isinstance(error, InvalidPolicy):
        return _("The pairing policy cannot be used: %(why)s Change it, then start a new run.") % {
            "why": error
        }
    if isinstance(error, TooManyForLeximin):
        return _(
            "There are too many people to lift the weakest pairs one by one: it works for up to "
            "2,000 mentees and 2,000 seats. Choose “Most people first” and protect the weakest "
            "pair, then start a new run."
        )
    for kind, sentence in LOCKED.items():
        if isinstance(error, kind):
            concerns = _("It concerns: %(names)s.") % {"names": _names(error)}
            return f"{sentence} {concerns}"
    return _(
        "The pairing stopped: %(why)s Nothing was stored. Ask for help with this sentence."
    ) % {"why": error}


def _names(error: EngineError) -> str:
    """Return the names behind the enrolment ids that the engine lists."""
    ids: set[int] = set()
    for offender in error.offenders:
        parts = offender if isinstance(offender, tuple) else (offender,)
        ids |= {part for part in parts if isinstance(part, int)}
    people = Enrolment.objects.filter(pk__in=ids).select_related("user").order_by("user__name_key")
    return ", ".join(str(enrolment.user) for enrolment in people[:MOST_NAMES])
