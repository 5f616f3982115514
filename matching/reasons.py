"""Reasons in words: from the facts stored with a pair, never from guesses.

What people read about each other has no figures, and nothing that its author did not release.
Managers read what each criterion gave of how much.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from matching.circle_words import SEATLESS, no_mentor_allowed, why_no_seat
from matching.models import CriterionKind, Unmatched
from matching.peer_words import PEERLESS, between_peers, path_of_peers, why_no_peer
from participants.models import MemberRole
from programs.models import Visibility

MOST_REASONS = 4
MOST_NAMED = 3
# Stands beside the contributions of a match that a manager let past the rule on reporting lines.
EXCEPTION = "exception"
POINTS_A_PERCENT = 10_000
Facts = dict[str, Any]
Contribution = dict[str, Any]


@dataclass(frozen=True)
class Sentence:
    """A reason for the two people: an icon and plain words."""

    icon: str
    text: str


@dataclass(frozen=True)
class Line:
    """What one criterion gave: whole points of a hundred, of how many, and why."""

    label: str
    points: int
    of: int
    text: str

    @property
    def is_low(self) -> bool:
        return self.of > 0 and self.points * 3 < self.of


def listed(words: Sequence[str]) -> str:
    """Join words as people write them: "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return _("%(many)s and %(last)s") % {"many": ", ".join(words[:-1]), "last": words[-1]}


def _skills(facts: Facts) -> str:
    skills = list(facts.get("skills", ()))[:3]
    if skills:
        return _("What is wanted and what is offered meet: %(skills)s.") % {
            "skills": listed(skills)
        }
    for wanted, offered in _close_skills(facts)[:1]:
        return _("The mentor offers %(offered)s, close to %(wanted)s.") % {
            "offered": offered,
            "wanted": wanted,
        }
    return _("What is wanted and what is offered are close to each other.")


def _close_skills(facts: Facts) -> list[tuple[str, str]]:
    """Return skills that are wanted, each with the close one that is offered instead.

    Runs of earlier versions stored the first only: these say nothing.
    """
    return [(pair[0], pair[1]) for pair in facts.get("related", ()) if isinstance(pair, list)]


def _goal_text(facts: Facts) -> str:
    return _("The goal and the mentor’s experience speak of the same things.")


def _interests(facts: Facts) -> str:
    return _("You share interests: %(interests)s.") % {
        "interests": listed(list(facts.get("interests", ()))[:3])
    }


def _seniority(facts: Facts) -> str:
    if facts.get("gap", 1) < 0:
        return _("You stand at different ends of a career: each sees what the other does not.")
    return _("The mentor is the right distance ahead: close enough to remember, far enough to see.")


def _hours(facts: Facts) -> str:
    return _("You have hours in the week that suit both.")


def _language(facts: Facts) -> str:
    return _("You speak a language in common.")


def _language_level(facts: Facts) -> str:
    return _("You can talk with ease in a language you share.")


def _career_path(facts: Facts) -> str:
    return _("The mentor knows the path that the mentee has in mind.")


def _industry(facts: Facts) -> str:
    return _("You work in the same industry: %(industry)s.") % {"industry": facts.get("value", "")}


def _function(facts: Facts) -> str:
    return _("You work in the same field: %(field)s.") % {"field": facts.get("value", "")}


def _location(facts: Facts) -> str:
    return _("You are both in %(place)s.") % {"place": facts.get("value", "")}


def _experience(facts: Facts) -> str:
    return _("The mentor has done this before.")


def _answer(facts: Facts) -> str:
    return _("You answered a question of the sign-up alike.")


# Wishes and traits compared by consent have no sentence here: they stay private.
PEOPLE: dict[str, tuple[str, Callable[[Facts], str]]] = {
    "skills": ("target", _skills),
    "goal_text": ("route", _goal_text),
    "interests": ("smile", _interests),
    "seniority": ("trending-up", _seniority),
    "shared_hours": ("calendar-clock", _hours),
    "language": ("languages", _language),
    "language_level": ("languages", _language_level),
    "career_path": ("route", _career_path),
    "industry_same": ("waypoints", _industry),
    "profession_same": ("waypoints", _function),
    "location_same": ("map-pin", _location),
    "experience": ("heart-handshake", _experience),
    "answer_same": ("message-circle", _answer),
    "answer_overlap": ("message-circle", _answer),
    "answer_near": ("message-circle", _answer),
}


def for_people(contributions: Sequence[Contribution]) -> list[Sentence]:
    """Return the reasons that the two people may read, strongest first, without figures."""
    found = []
    for item in contributions:
        if item["points"] <= 0 or not _is_released(item) or item["code"] not in PEOPLE:
            continue
        icon, write = PEOPLE[item["code"]]
        text = between_peers(item["code"], item["facts"]) if item.get("peers") else ""
        sentence = Sentence(icon, text or write(item["facts"]))
        if sentence not in found:
            found.append(sentence)
    return [*found[:MOST_REASONS], *_unconnected(contributions)]


def told_to(
    user_id: int, role: str, contributions: Sequence[Contribution], *, names: Mapping[int, str]
) -> list[Sentence]:
    """Return the reasons that this member of a match, in this role, may read, strongest first.

    In a circle each part names the mentee in whose seat it counted. A mentee reads what counted for
    their own and nobody else's; a mentor the strongest reason for each mentee, whom ``names`` calls
    by user.
    """
    seats = dict.fromkeys(item["seat"] for item in contributions if "seat" in item)
    if not seats:
        return for_people(contributions)
    if role != MemberRole.MENTOR:
        return for_people(_of_seat(contributions, user_id))
    found = []
    for seat in seats:
        own = _of_seat(contributions, seat)
        strongest = next((one for one in for_people(own) if one not in _unconnected(own)), None)
        if seat in names and strongest is not None:
            said = _("%(name)s: %(reason)s") % {"name": names[seat], "reason": strongest.text}
            found.append(Sentence(strongest.icon, said))
    return [*found, *_unconnected(contributions)]


def _of_seat(contributions: Sequence[Contribution], user_id: int) -> list[Contribution]:
    own = (item for item in contributions if item.get("seat") == user_id)
    return sorted(own, key=lambda item: -item["points"])


def _unconnected(contributions: Sequence[Contribution]) -> list[Sentence]:
    """Say that no reporting line connects them, unless a rule was set aside for the pair."""
    if any(item["kind"] == EXCEPTION for item in contributions):
        return []
    return [Sentence("shield-check", _("No reporting line connects you."))]


def _is_released(item: Contribution) -> bool:
    return item["kind"] != CriterionKind.ANSWER or item.get("visibility") == Visibility.PARTNER


def for_manager(contributions: Sequence[Contribution]) -> list[Line]:
    """Return what each criterion gave, in points of a hundred, with its facts.

    Of a circle: the average over its seats, without facts, which are of one seat each.
    """
    if any("seat" in item for item in contributions):
        contributions = _averaged(contributions)
    return [
        Line(
            label=label_of(item),
            points=round(item["points"] / POINTS_A_PERCENT),
            of=max(1, round(item["of"] / POINTS_A_PERCENT)),
            text=_facts_for_manager(item),
        )
        for item in contributions
        if item["kind"] != EXCEPTION
    ]


def _averaged(contributions: Sequence[Contribution]) -> list[Contribution]:
    parts: dict[tuple[str, str], list[Contribution]] = {}
    for item in contributions:
        parts.setdefault((item["kind"], item.get("question", "")), []).append(item)
    return [
        {
            **items[0],
            "facts": {},
            "points": sum(item["points"] for item in items) / len(items),
            "of": sum(item["of"] for item in items) / len(items),
        }
        for items in parts.values()
    ]


SHORT: dict[str, str | Promise] = {
    CriterionKind.SKILLS: gettext_lazy("Skills"),
    CriterionKind.GOAL_TEXT: gettext_lazy("Goals"),
    CriterionKind.INTERESTS: gettext_lazy("Interests"),
    CriterionKind.SENIORITY: gettext_lazy("Seniority"),
    CriterionKind.FUNCTION: gettext_lazy("Field"),
    CriterionKind.LOCATION: gettext_lazy("Place"),
    CriterionKind.SHARED_HOURS: gettext_lazy("Hours"),
    CriterionKind.LANGUAGE: gettext_lazy("Language"),
    CriterionKind.EXPERIENCE: gettext_lazy("Practice"),
    "language_level": gettext_lazy("Language level"),
    "industry": gettext_lazy("Industry"),
    CriterionKind.CAREER_PATH: gettext_lazy("Career path"),
    CriterionKind.PREFERENCE: gettext_lazy("Wishes"),
    CriterionKind.TRAIT: gettext_lazy("Personal trait"),
}


def label_of(item: Contribution) -> str:
    """Name the criterion of a contribution in a word or two, as managers read it."""
    if item["kind"] == CriterionKind.ANSWER:
        return in_words(item["question"]) if item.get("question") else _("Answer")
    return str(SHORT.get(item["kind"], item["kind"]))


def in_words(key: str) -> str:
    """Return the key of a question as people read it: "main-goal" is "Main goal"."""
    said = key.replace("-", " ").replace("_", " ").strip()
    return said[:1].upper() + said[1:]


def _facts_for_manager(item: Contribution) -> str:
    facts = item["facts"]
    if item["kind"] == CriterionKind.SKILLS:
        return _skills_for_manager(facts)
    if item["kind"] == CriterionKind.SENIORITY and "gap" in facts:
        gap = int(facts["gap"])
        return ngettext("%(gap)d level apart", "%(gap)d levels apart", gap) % {"gap": gap}
    if item["kind"] == CriterionKind.SHARED_HOURS and "hours" in facts:
        hours = int(facts["hours"])
        return ngettext("%(hours)d hour a week", "%(hours)d hours a week", hours) % {"hours": hours}
    if item["kind"] == CriterionKind.INTERESTS and facts.get("interests"):
        return listed(list(facts["interests"]))
    if item["kind"] == CriterionKind.ANSWER:
        return listed([str(value) for value in facts.get("values", ())])
    if item.get("peers") and item["kind"] == CriterionKind.CAREER_PATH:
        return path_of_peers(facts)
    write = FOR_MANAGER.get(item["kind"])
    return write(facts) if write and item["code"] else str(facts.get("value", ""))


def _skills_for_manager(facts: Facts) -> str:
    close = [
        _("%(offered)s for %(wanted)s") % {"offered": offered, "wanted": wanted}
        for wanted, offered in _close_skills(facts)
    ]
    return listed([*facts.get("skills", ()), *close])


def _language_level_for_manager(facts: Facts) -> str:
    return f"{facts.get('language', '')} {facts.get('level', '')}".strip()


def _career_path_for_manager(facts: Facts) -> str:
    return _("wants to reach %(goal)s, mentor works in %(profession)s") % {
        "goal": facts.get("goal", ""),
        "profession": facts.get("profession", ""),
    }


def _preference_for_manager(facts: Facts) -> str:
    asked = list(facts.get("by", ()))
    if len(asked) == 2:
        return _("they asked for each other")
    return _("the mentor asked for it") if asked == ["mentor"] else _("the mentee asked for it")


FOR_MANAGER: dict[str, Callable[[Facts], str]] = {
    "language_level": _language_level_for_manager,
    "career_path": _career_path_for_manager,
    "preference": _preference_for_manager,
}


RULES: dict[str, str | Promise] = {
    "not_self": gettext_lazy("Nobody is matched with themselves."),
    "reporting_line": gettext_lazy("They are within two steps of one reporting line."),
    "must_not_pair": gettext_lazy("These two shall not be paired."),
    "from_outside": gettext_lazy(
        "The mentor is from outside, and the mentee has not said that this is fine."
    ),
    "earlier_pair": gettext_lazy("They were a pair before."),
    "different_department": gettext_lazy("They work in the same department."),
    "same_department": gettext_lazy("They work in different departments."),
    "different_location": gettext_lazy("They work at the same place."),
    "same_location": gettext_lazy("They work at different places."),
    "different_organisation": gettext_lazy("They work in the same organisation."),
    "same_organisation": gettext_lazy("They work in different organisations."),
    "training_done": gettext_lazy("The training is not done yet."),
    "answer_same": gettext_lazy("Their answers to a question differ."),
    "answer_different": gettext_lazy("Their answers to a question are the same."),
    "level_gap": gettext_lazy("The levels are too close or too far apart."),
    "common_language": gettext_lazy("They have no language in common."),
    "minimum_shared_hours": gettext_lazy("They have too few hours in common."),
    "no_seat": gettext_lazy("No seat is left."),
}


def rule_sentence(key: str) -> str:
    """Return what a broken rule means for a pair."""
    return str(RULES.get(key.split(":")[0], key))


def rule_effects(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Return each rule that removed pairs from a run's pool, and how many; strongest first."""
    pairs = result.get("mentees", 0) * result.get("mentors", 0)
    found = []
    for row in sorted(result.get("rules", ()), key=lambda row: (-row["removed"], row["rule"])):
        if not row["removed"]:
            continue
        text = ngettext(
            "%(removed)s of %(pairs)s possible pairs.",
            "%(removed)s of %(pairs)s possible pairs.",
            row["removed"],
        ) % {
            "removed": number_format(row["removed"], force_grouping=True),
            "pairs": number_format(pairs, force_grouping=True),
        }
        alone = row["left_without"]
        if alone:
            more = ngettext(
                "%(mentees)d mentee would have a possible mentor without it.",
                "%(mentees)d mentees would have a possible mentor without it.",
                alone,
            ) % {"mentees": alone}
            text = f"{text} {more}"
        found.append((rule_sentence(row["rule"]), text))
    return found


def unmatched_sentence(unmatched: Unmatched, mentors: Sequence[str] = ()) -> str:
    """Return why somebody has no mentor, with the rule that removed most.

    ``mentors`` are names of those for whose seats people compete, best fit first.
    """
    detail = unmatched.detail
    if unmatched.reason == "no_mentor_allowed":
        return no_mentor_allowed(detail.get("removed") or detail.get("rules") or {}, rule_sentence)
    if unmatched.reason in SEATLESS:
        return why_no_seat(unmatched.reason, detail)
    if unmatched.reason in PEERLESS:
        return why_no_peer(unmatched.reason, detail, rule_sentence)
    if unmatched.reason == "below_minimum_fit":
        return _("The best possible pair reaches %(best)d of 100, below the minimum fit.") % {
            "best": round(detail.get("best", 0) / POINTS_A_PERCENT)
        }
    if unmatched.reason == "out_competed":
        return _competition(detail, mentors)
    if unmatched.reason == "total_first":
        return _(
            "A mentor for this person would lower the total. Aim for most people to change it."
        )
    return _("This person takes no part in this run.")


def _competition(detail: Facts, mentors: Sequence[str]) -> str:
    figures = {"mentees": detail.get("mentees", 0), "seats": detail.get("seats", 0)}
    if not mentors:
        return (
            _("%(mentees)d mentees compete for %(seats)d seats of the mentors who suit them.")
            % figures
        )
    named = list(mentors[:MOST_NAMED])
    if rest := detail.get("mentors", 0) - len(named):
        more = ngettext("%(count)d other mentor", "%(count)d other mentors", rest)
        named.append(more % {"count": rest})
    return ngettext(
        "%(mentees)d mentees compete for %(seats)d seat, with %(mentors)s.",
        "%(mentees)d mentees compete for %(seats)d seats, with %(mentors)s.",
        figures["seats"],
    ) % {**figures, "mentors": listed(named)}


def remedy_sentence(remedy: Facts, mentor: str) -> str:
    """Return the smallest change by which somebody would have a mentor."""
    figures = {"mentor": mentor, "score": round(remedy["score"] / POINTS_A_PERCENT)}
    if remedy["change"] == "seat":
        return _("One more seat with %(mentor)s would do: %(score)d of 100.") % figures
    if remedy["change"] == "rule":
        return _(
            "%(mentor)s has a seat and fits at %(score)d of 100; only one rule stands in the way. "
            "%(rule)s"
        ) % {**figures, "rule": rule_sentence(remedy["rule"])}
    return _("%(mentor)s has a seat: %(score)d of 100, if you accept that.") % figures
