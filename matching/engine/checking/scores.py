"""The score of one pair, criterion by criterion, from the definitions in the documentation."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from matching.engine.checking.pairs import LEVELS, Two, as_set, levels
from matching.engine.criteria.stopwords import STOPWORDS
from matching.engine.model import Criterion, Policy, Pool, Vector

Value = float | None
"""A value in [0, 1]; None where either side has not told."""
Earned = int | None
"""Whole points; None where either side has not told."""
NO_VECTOR = np.zeros(0, np.int64)
WholeText = tuple[NDArray[np.int64], dict[str, int]]
"""What somebody wrote in whole numbers: by place of a vector, or by word."""


class PairScores:
    """Scores single pairs of a pool under a policy."""

    def __init__(self, pool: Pool, policy: Policy) -> None:
        self.pool = pool
        self.criteria = policy.criteria
        self.points = _points([criterion.weight for criterion in policy.criteria])
        self._texts: tuple[list[dict[str, float]], list[dict[str, float]]] | None = None
        self._by_vector = False
        self._whole: dict[tuple[int, int, float], WholeText] = {}

    def score(self, two: Two) -> int:
        return sum(self.contributions(two))

    def contributions(self, two: Two) -> tuple[int, ...]:
        """Return what each criterion gives, in whole points."""
        return tuple(
            self._earned(criterion, points, two)
            for points, criterion in zip(self.points, self.criteria, strict=True)
        )

    def _earned(self, criterion: Criterion, points: int, two: Two) -> int:
        if criterion.kind == "goal_text":
            earned = self._text(criterion.params, points, two)
        elif criterion.kind in TRAITS:
            earned = _of(points, _trait(criterion, two))
        elif criterion.kind in EARNED:
            earned = EARNED[criterion.kind](criterion.params, points, two)
        else:
            earned = _of(points, VALUES[criterion.kind](criterion.params, two))
        return (
            round(points * number(criterion.params, "missing", 0.0)) if earned is None else earned
        )

    def _text(self, params: Mapping[str, object], points: int, two: Two) -> Earned:
        length, power = _length(points, number(params, "full_at", 0.35))
        left, words = self._whole_text(0, two.left, length)
        right, other_words = self._whole_text(1, two.right, length)
        if not (len(left) or words) or not (len(right) or other_words):
            return None
        product = int(left @ right) if len(left) and len(right) else 0
        product += sum(weight * other_words.get(word, 0) for word, weight in words.items())
        return min(max(product * power, 0), points)

    def _whole_text(self, side: int, row: int, length: float) -> WholeText:
        """Return what somebody wrote in whole numbers: by place of a vector, or by word."""
        key = side, row, length
        if key not in self._whole:
            if self._texts is None:
                self._texts = self._word_vectors()
            mentees, mentors = self.pool.mentees, self.pool.mentors
            vector = (mentees.goal_vector, mentors.about_vector)[side][row]
            words = self._texts[side][row]
            self._whole[key] = (
                _whole_vector(vector, length) if self._by_vector else NO_VECTOR,
                {word: round(length * weight) for word, weight in words.items()},
            )
        return self._whole[key]

    def _word_vectors(self) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
        """Return the words of texts that are not compared by a vector."""
        mentees, mentors = self.pool.mentees, self.pool.mentors
        self._by_vector = _has_any(mentees.goal_vector) and _has_any(mentors.about_vector)
        goals, abouts = list(mentees.goal), list(mentors.about)
        if self._by_vector:
            goals = ["" if v else text for text, v in _beside(goals, mentees.goal_vector)]
            abouts = ["" if v else text for text, v in _beside(abouts, mentors.about_vector)]
        return _vectors(goals, abouts)


def _beside(texts: Sequence[str], vectors: Sequence[object]) -> list[tuple[str, bool]]:
    return [(text, vector is not None) for text, vector in zip(texts, vectors, strict=True)]


def _has_any(vectors: Sequence[object]) -> bool:
    return any(vector is not None for vector in vectors)


def _length(points: int, full_at: float) -> tuple[float, int]:
    power = 1
    while points / full_at / power > 2**22:
        power *= 2
    return math.sqrt(points / full_at / power), power


def _whole_vector(vector: Vector | None, length: float) -> NDArray[np.int64]:
    """Return a vector as whole numbers; empty where there is none."""
    if vector is None:
        return NO_VECTOR
    told = np.frombuffer(vector, np.int8) if isinstance(vector, bytes) else np.array(vector)
    numbers = told.astype(np.int64)
    if not numbers.any():
        return NO_VECTOR
    norm = math.sqrt(int(numbers @ numbers))
    return np.rint(length * numbers / norm).astype(np.int64)


def _of(points: int, value: Value) -> Earned:
    return None if value is None else round(points * value)


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
) -> tuple[list[dict[str, float]], list[dict[str, float]]]:
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
        vectors.append({word: weight / length for word, weight in weights.items()})
    return vectors[: len(goals)], vectors[len(goals) :]


def _skills(params: Mapping[str, object], points: int, two: Two) -> Earned:
    wanted = two.pool.mentees.skills_wanted[two.left]
    offered = set(two.pool.mentors.skills_offered[two.right])
    if not wanted or not offered:
        return None
    return _wishes(wanted, offered, points, params)


def _wishes(
    wanted: Mapping[str, int], offered: Collection[str], points: int, params: Mapping[str, object]
) -> int:
    """Share the points out over the wishes by name, and count those met in whole or in part."""
    related = params.get("related", {})
    assert isinstance(related, Mapping)  # noqa: S101
    earned = passed = 0
    total = sum(wanted.values())
    for wish in sorted(wanted):
        reached = passed + wanted[wish]
        whole = points * reached // total - points * passed // total
        shares = [share for near, share in related.get(wish, {}).items() if near in offered]
        credit = 100 if wish in offered else round(100 * max(shares, default=0))
        earned += (2 * whole * credit + 100) // 200
        passed = reached
    return earned


def _career_path(params: Mapping[str, object], points: int, two: Two) -> Earned:
    goal = two.pool.mentees.career_goal[two.left]
    profession = two.pool.mentors.profession[two.right]
    return _wishes({goal: 1}, {profession}, points, params) if goal and profession else None


def _interests(params: Mapping[str, object], points: int, two: Two) -> Earned:
    common = two.common("interests")
    if common is None:
        return None
    own = len(set(two.pool.mentees.interests[two.left]))
    each = math.ceil(points / min(number(params, "enough", 3), own))
    return min(common * each, points)


def _preference(params: Mapping[str, object], points: int, two: Two) -> int:
    one_sided = number(params, "one_sided", 0.6)
    mentee, mentor = two.both("person")
    left, right = two.both("preferred")
    earned = 0
    for named, other in ((left, mentor), (right, mentee)):
        places = list(dict.fromkeys(named))  # type: ignore[call-overload]
        if other in places:
            share = max(1.0 - number(params, "step", 0.2) * places.index(other), 0.0)
            earned += round(points * (one_sided * share))
    return min(earned, points)


def _opted_trait(params: Mapping[str, object], two: Two) -> Value:
    left, right = (traits.get(params["trait"]) for traits in two.both("traits"))  # type: ignore[attr-defined]
    if not left or not right:
        return None
    return float((left == right) == (params.get("mode", "same") == "same"))


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


def _shared_hours(params: Mapping[str, object], points: int, two: Two) -> Earned:
    hours = two.shared_hours()
    if hours is None:
        return None
    return min(hours * math.ceil(points / number(params, "enough_hours", 4)), points)


def _language_level(params: Mapping[str, object], points: int, two: Two) -> Earned:
    left, right = (levels(spoken) for spoken in two.both("languages"))
    if not left or not right:
        return None
    best = max((min(left[name], right[name]) for name in left.keys() & right.keys()), default=0)
    enough = LEVELS.index(str(params.get("enough", "B2"))) + 1
    return points * min(best, enough) // enough


def _language(params: Mapping[str, object], two: Two) -> Value:
    common = two.common("languages")
    return None if common is None else float(common > 0)


def _experience(params: Mapping[str, object], two: Two) -> Value:
    years = two.pool.mentors.experience[two.right]
    return None if years is None else min(max(years / number(params, "enough", 2), 0.0), 1.0)


def _answer(params: Mapping[str, object], points: int, two: Two) -> Earned:
    left, right = two.answers(params)
    mode = params.get("mode", "same")
    if mode in ("near", "at_least"):
        return _of(points, _answer_numbers(params, left, right))
    own, other = as_set(left), as_set(right)
    needs_answers = params.get("only_if_answered", True) or mode == "overlap"
    if needs_answers and (not own or not other):
        return None
    if mode == "overlap":
        return _wishes(dict.fromkeys(map(_text, own), 1), set(map(_text, other)), points, {})
    return points if (own == other) == (mode == "same") else 0


def _text(choice: object) -> str:
    return choice if isinstance(choice, str) else repr(choice)


def _answer_numbers(params: Mapping[str, object], left: object, right: object) -> Value:
    if not isinstance(left, int | float) or not isinstance(right, int | float):
        return None
    short = abs(right - left) if params["mode"] == "near" else max(left - right, 0.0)
    return max(1.0 - short / number(params, "range", 4), 0.0)


TRAITS = {
    "profession": "same",
    "industry": "same",
    "location": "same",
    "organisation": "same",
    "department": "different",
}
VALUES: dict[str, Callable[[Mapping[str, object], Two], Value]] = {
    "seniority": _seniority,
    "language": _language,
    "experience": _experience,
    "trait": _opted_trait,
}
EARNED: dict[str, Callable[[Mapping[str, object], int, Two], Earned]] = {
    "skills": _skills,
    "career_path": _career_path,
    "interests": _interests,
    "shared_hours": _shared_hours,
    "language_level": _language_level,
    "preference": _preference,
    "answer": _answer,
}
