"""What pairing again with little change did, in sentences for a manager."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from matching.reasons import POINTS_A_PERCENT


def change_sentences(result: Mapping[str, Any]) -> list[str]:
    """Return how many pairs changed for how much, and what pairing anew would have changed."""
    change = result.get("change")
    if change is None:
        return []
    now = change["now"]
    said = [_changed(now["changed"], change["stood"]), _brought(now)]
    if now["left"]:
        said.append(
            ngettext(
                "%(count)d mentee who had a pair has none now.",
                "%(count)d mentees who had a pair have none now.",
                now["left"],
            )
            % {"count": now["left"]}
        )
    anew = change.get("anew")
    if anew is not None and anew["changed"] > now["changed"] and _differs(anew, now):
        said.append(
            ngettext(
                "Pairing anew would change %(count)d pair and bring %(points)s points in all.",
                "Pairing anew would change %(count)d pairs and bring %(points)s points in all.",
                anew["changed"],
            )
            % {"count": anew["changed"], "points": _points(anew["gain"])}
        )
    return [sentence for sentence in said if sentence]


def _changed(changed: int, stood: int) -> str:
    return ngettext(
        "%(changed)d of %(stood)d pair changed.",
        "%(changed)d of %(stood)d pairs changed.",
        stood,
    ) % {"changed": changed, "stood": stood}


def _differs(anew: Mapping[str, int], now: Mapping[str, int]) -> bool:
    """Tell whether pairing anew would do more than choose among what is worth the same."""
    return anew["came"] > now["came"] or _points(anew["gain"]) != _points(now["gain"])


def _brought(now: Mapping[str, int]) -> str:
    parts = []
    if now["changed"]:
        parts.append(_("They bring %(points)s points in all.") % {"points": _points(now["gain"])})
    if now["came"]:
        parts.append(
            ngettext(
                "%(count)d mentee more has a mentor.",
                "%(count)d mentees more have a mentor.",
                now["came"],
            )
            % {"count": now["came"]}
        )
    return " ".join(parts)


def _points(gain: int) -> str:
    return f"{gain / POINTS_A_PERCENT:+.1f}"
