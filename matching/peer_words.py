"""What people and managers read about pairs of peers, where it differs: nobody is the mentor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

Facts = dict[str, Any]

POINTS_A_PERCENT = 10_000
PEERLESS = ("no_peer_allowed", "peer_below_fit", "no_peer_left")
SENTENCES: dict[str, str | Promise] = {
    "goal_text": gettext_lazy("What you want and what you know speak of the same things."),
    "seniority": gettext_lazy("You stand at steps of a career that go well together."),
    "career_path": gettext_lazy("One of you knows the path that the other has in mind."),
    "experience": gettext_lazy("One of you has helped others to learn before."),
}


def between_peers(code: str, facts: Facts) -> str:
    """Return a reason for two peers, or nothing where the usual sentence serves."""
    if code != "skills":
        return str(SENTENCES.get(code, ""))
    close = [pair for pair in facts.get("related", ()) if isinstance(pair, list)]
    if facts.get("skills") or not close:
        return ""
    wanted, offered = close[0][0], close[0][1]
    return _("One of you offers %(offered)s, close to %(wanted)s.") % {
        "offered": offered,
        "wanted": wanted,
    }


def path_of_peers(facts: Facts) -> str:
    return _("one wants to reach %(goal)s, the other works in %(profession)s") % {
        "goal": facts.get("goal", ""),
        "profession": facts.get("profession", ""),
    }


def why_no_peer(reason: str, detail: Facts, rule_sentence: Callable[[str], str | Promise]) -> str:
    """Return why somebody has no peer, with the rule that removed most."""
    if reason == "no_peer_allowed":
        if removed := detail.get("rules", {}):
            key = max(removed, key=lambda name: (removed[name], name))
            return _("Nobody else is allowed. What removed most: %(rule)s") % {
                "rule": rule_sentence(key)
            }
        return _("Nobody else waits for a peer.")
    if reason == "peer_below_fit":
        return _("The best possible pair reaches %(best)d of 100, below the minimum fit.") % {
            "best": round(detail.get("best", 0) / POINTS_A_PERCENT)
        }
    return ngettext(
        "%(count)d person would suit, and is in a pair that fits better.",
        "%(count)d people would suit, and are in pairs that fit better.",
        detail.get("peers", 0),
    ) % {"count": detail.get("peers", 0)}
