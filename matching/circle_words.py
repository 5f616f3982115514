"""What managers read about people without a mentor, or without a seat in a circle."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Facts = dict[str, Any]

POINTS_A_PERCENT = 10_000
SEATLESS = ("circle_below_fit", "circle_too_small", "no_seat_left")


def why_no_seat(code: str, facts: Facts) -> str:
    """Return why somebody has no seat."""
    if code == "circle_below_fit":
        return _("The best possible mentor reaches %(best)d of 100, below the minimum fit.") % {
            "best": round(facts.get("best", 0) / POINTS_A_PERCENT)
        }
    if code == "circle_too_small":
        least = facts.get("least", 0)
        return ngettext(
            "No circle that suits this person came together: it needs at least %(least)d mentee.",
            "No circle that suits this person came together: it needs at least %(least)d mentees.",
            least,
        ) % {"least": least}
    circles, full = facts.get("circles", 0), facts.get("full", 0)
    if full == circles:
        return ngettext(
            "The %(count)d circle that suits this person is full.",
            "The %(count)d circles that suit this person are full.",
            circles,
        ) % {"count": circles}
    return _("Somebody in each circle with room may not sit with this person.")


def no_mentor_allowed(counts: Mapping[str, int], sentence_of: Callable[[str], str]) -> str:
    """Return the rule that keeps most mentors away, or that no mentor has a seat."""
    removed = {key: count for key, count in counts.items() if count}
    if not removed:
        return _("No mentor has a seat left.")
    key = max(removed, key=lambda name: (removed[name], name))
    return _("No mentor is allowed. What removed most: %(rule)s") % {"rule": sentence_of(key)}
