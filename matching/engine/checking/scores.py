"""The score of one pair, criterion by criterion, from the definitions in the documentation."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from fractions import Fraction

from matching.engine.checking.pairs import Two, as_set
from matching.engine.criteria.stopwords import STOPWORDS
from matching.engine.model import Criterion, Policy, Pool

Value = float | None
"""A value in [0, 1]; None where either side has not told."""


class PairScores:
    """Scores single pairs of a pool under a policy."""

    def __init__(self, pool: Pool, policy: Policy) -> None:
        self.pool = pool
        self.criteria = policy.criteria
        self.points = _points([criterion.weight for criterion in policy.criteria])
        self._texts: tuple[list[dict[str, int]], list[dict[str, int]]] | None = None

    def parts(self, two: Two) -> list[float]:
        """Return what each criterion adds to the score, before rounding."""
        return [
            points * self.value(criterion, two)
            for points, criterion in zip(self.points, self.criteria, strict=True)
        ]

    def score(self, two: Two) -> int:
        total = 0.0
        for part in self.parts(two):
            total += part
        return round(total)

    def contributions(self, two: Two) -> tuple[int, ...]:
        """Return whole contributions that sum to the score: the largest remainders round up."""
        parts = self.parts(two)
        whole = [math.floor(part) for part in parts]
        places = sorted(range(len(parts)), key=lambda k: (whole[k] - parts[k], k))
        for place in places[: self.score(two) - sum(whole)]:
            whole[place] += 1
        return tuple(whole)

    def value(self, criterion: Criterion, two: Two) -> float:
        if criterion.kind == "goal_text":
            value = self._text(criterion.params, two)
        elif criterion.kind in TRAITS:
            value = _trait(criterion, two)
        else:
            value = VALUES[criterion.kind](criterion.params, two)
        return number(criterion.params, "missing", 0.0) if value is None else value

    def _text(self, params: Mapping[str, object], two: Two) -> Value:
        if self._texts is None:
            self._texts = _vectors(list(self.pool.mentees.goal), list(self.pool.mentors.about))
        left, right = self._texts[0][two.left], self._texts[1][two.right]
        if not left or not right:
            return None
        cosine = sum(weight * right.get(word, 0) for word, weight in left.items()) / 1024**2
        return min(cosine / number(params, "full_at", 0.35), 1.0)


def number(params: Mapping[str, object], name: str, default: float) -> float:
    value = params.get(name, default)
    assert isinstance(value, int | float)  # noqa: S101
    return float(value)


def _points(weights: list[float]) -> list[int]:
    whole = sum(map(Fraction, weights))
    exact = [round(Fraction(weight) * 10**15 / whole) for weight in weights]
    points = [part // 10**9 for part in exact]
    places = sorted(range(len(weights)), key=lambda k: (-(exact[k] % 10**9), k))
    for place in places[: 10**6 - sum(points)]:
        points[place] += 1
    return points


def _vectors(
    goals: list[str], abouts: list[str]
) -> tuple[list[dict[str, int]], list[dict[str, int]]]:
    texts = [
        Counter(
            word for word in re.findall(r"[^\W\d_]{2,}", text.casefold()) if word not in STOPWORDS
        )
        for text in goals + abouts
    ]
    n = len([text for text in texts if text])
    found = Counter(word for text in texts for word in set(text))
    vectors = []
    for text in texts:
        weights = {
            word: (1.0 + math.log(times)) * (1.0 + math.log((1 + n) / (1 + found[word])))
            for word, times in text.items()
        }
        length = math.sqrt(math.fsum(weight * weight for weight in weights.values()))
        vectors.append({word: round(1024 * weight / length) for word, weight in weights.items()})
    return vectors[: len(goals)], vectors[len(goals) :]


def _skills(params: Mapping[str, object], two: Two) -> Value:
    wanted = two.pool.mentees.skills_wanted[two.left]
    offered = set(two.pool.mentors.skills_offered[two.right])
    if not wanted or not offered:
        return None
    related = params.get("related", {})
    assert isinstance(related, Mapping)  # noqa: S101
    earned = 0
    for skill, importance in wanted.items():
        shares = [share for near, share in related.get(skill, {}).items() if near in offered]
        credit = 100 if skill in offered else round(100 * max(shares, default=0))
        earned += importance * credit
    return earned / (100 * sum(wanted.values()))


def _interests(params: Mapping[str, object], two: Two) -> Value:
    common = two.common("interests")
    if common is None:
        return None
    own = len(set(two.pool.mentees.interests[two.left]))
    return min(common / min(number(params, "enough", 3), own), 1.0)


def _seniority(params: Mapping[str, object], two: Two) -> Value:
    gap = two.gap()
    if gap is None:
        return None
    table = params.get("table")
    if isinstance(table, Mapping):
        return next((float(share) for step, share in table.items() if int(step) == gap), 0.0)
    low, high = number(params, "min", 1), number(params, "max", 3)
    outside = low - gap if gap < low else max(gap - high, 0.0)
    return max(1.0 - number(params, "step", 0.5) * outside, 0.0)


def _trait(criterion: Criterion, two: Two) -> Value:
    left, right = two.both(criterion.kind)
    if not left or not right:
        return None
    mode = criterion.params.get("mode", TRAITS[criterion.kind])
    return float((left == right) == (mode == "same"))


def _shared_hours(params: Mapping[str, object], two: Two) -> Value:
    hours = two.shared_hours()
    return None if hours is None else min(hours / number(params, "enough_hours", 4), 1.0)


def _language(params: Mapping[str, object], two: Two) -> Value:
    common = two.common("languages")
    return None if common is None else float(common > 0)


def _experience(params: Mapping[str, object], two: Two) -> Value:
    years = two.pool.mentors.experience[two.right]
    return None if years is None else min(max(years / number(params, "enough", 2), 0.0), 1.0)


def _answer(params: Mapping[str, object], two: Two) -> Value:
    left, right = two.answers(params)
    mode = params.get("mode", "same")
    if mode in ("near", "at_least"):
        return _answer_numbers(params, left, right)
    own, other = as_set(left), as_set(right)
    needs_answers = params.get("only_if_answered", True) or mode == "overlap"
    if needs_answers and (not own or not other):
        return None
    if mode == "overlap":
        return len(own & other) / len(own)
    return float((own == other) == (mode == "same"))


def _answer_numbers(params: Mapping[str, object], left: object, right: object) -> Value:
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return None
    short = abs(right - left) if params["mode"] == "near" else max(left - right, 0.0)
    return max(1.0 - short / number(params, "range", 4), 0.0)


TRAITS = {
    "profession": "same",
    "location": "same",
    "organisation": "same",
    "department": "different",
}
VALUES: dict[str, Callable[[Mapping[str, object], Two], Value]] = {
    "skills": _skills,
    "interests": _interests,
    "seniority": _seniority,
    "shared_hours": _shared_hours,
    "language": _language,
    "experience": _experience,
    "answer": _answer,
}
