"""Names of people: in what order they stand, and how several are said."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

MOST_NAMES = 3


def sort_key(text: str) -> str:
    """Return ``text`` without case and accents, for ordering and for finding doubles.

    Alike on every server, whatever its collation.
    """
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    return " ".join(bare.split())


def listed(names: Sequence[str]) -> str:
    """Say several names in one breath: all of up to three, else two and how many more."""
    if len(names) <= MOST_NAMES:
        return str(get_text_list(list(names), _("and")))
    others = len(names) - 2
    return ngettext("%(names)s and %(count)d other", "%(names)s and %(count)d others", others) % {
        "names": ", ".join(names[:2]),
        "count": others,
    }
