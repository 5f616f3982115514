"""One mentee and one mentor at a time, read straight from the columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from matching.engine.model import Hours, Id, Policy, Pool, Rule

ALWAYS = ("not_self", "reporting_line", "must_not_pair", "from_outside")
LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")


@dataclass(frozen=True)
class Two:
    """A mentee (``left``) and a mentor (``right``) of a pool."""

    pool: Pool
    left: int
    right: int

    def both(self, column: str) -> tuple[object, object]:
        return (
            getattr(self.pool.mentees, column)[self.left],
            getattr(self.pool.mentors, column)[self.right],
        )

    def answers(self, params: Mapping[str, object]) -> tuple[object, object]:
        """Return the two answers to a question (or to two that belong together)."""
        left, right = self.both("answers")
        question = params["question"]
        other = params.get("mentor_question") or question
        assert isinstance(left, Mapping)  # noqa: S101
        assert isinstance(right, Mapping)  # noqa: S101
        return left.get(question), right.get(other)

    def common(self, column: str) -> int | None:
        """Count what both sets hold; None where either is empty."""
        left, right = (set(values) for values in self._sets(column))
        return len(left & right) if left and right else None

    def _sets(self, column: str) -> tuple[frozenset[str], frozenset[str]]:
        left, right = self.both(column)
        return frozenset(left), frozenset(right)  # type: ignore[call-overload]

    def shared_hours(self) -> int | None:
        left = self.pool.mentees.hours[self.left]
        right = self.pool.mentors.hours[self.right]
        if left is None or right is None:
            return None
        if isinstance(left, int) and isinstance(right, int):
            return (left & right & (2**168 - 1)).bit_count()
        return sum(1 for hour in range(168) if _is_free(left, hour) and _is_free(right, hour))

    def gap(self) -> int | None:
        left, right = self.pool.mentees.level[self.left], self.pool.mentors.level[self.right]
        return None if left is None or right is None else right - left

    def stands_in(self, pairs: Collection[tuple[Id, Id]]) -> bool:
        left, right = self.both("person")
        return (left, right) in pairs or (right, left) in pairs


def _is_free(hours: Hours, hour: int) -> bool:
    if isinstance(hours, int):
        return (hours // 2**hour) % 2 == 1
    return bool(hours[hour])


def broken_rules(pool: Pool, policy: Policy, two: Two) -> list[str]:
    """Return the keys of the rules that the pair breaks and no override lets through."""
    mentee, mentor = two.both("person")
    listed = {rule.kind for rule in policy.rules}
    always = [Rule(kind) for kind in ALWAYS if kind not in listed]
    return [
        rule.key
        for rule in [*always, *policy.rules]
        if _is_broken(pool, rule, two)
        and (rule.kind == "from_outside" or (mentee, mentor, rule.key) not in pool.overrides)
    ]


def _is_broken(pool: Pool, rule: Rule, two: Two) -> bool:
    verdict = _verdict(pool, rule, two)
    return rule.params.get("unknown") == "forbid" if verdict is None else verdict


def _verdict(pool: Pool, rule: Rule, two: Two) -> bool | None:
    """Return whether the rule is broken; None where it cannot be told."""
    if rule.kind in ("not_self", "reporting_line", "must_not_pair", "earlier_pair"):
        return _about_people(pool, rule, two)
    if rule.kind.startswith("answer_"):
        return _about_answers(rule, two)
    if rule.kind == "from_outside":
        is_external = pool.mentors.is_external[two.right]
        return is_external and not pool.mentees.accepts_external[two.left]
    if rule.kind == "level_gap":
        return _about_levels(rule, two.gap())
    if rule.kind == "common_language":
        return _about_languages(rule, two)
    if rule.kind == "training_done":
        return _about_training(rule, two)
    if rule.kind == "minimum_shared_hours":
        hours = two.shared_hours()
        return None if hours is None else hours < _number(rule.params.get("hours", 1))
    word, column = rule.kind.split("_", 1)
    left, right = two.both(column)
    if not left or not right:
        return None
    return left != right if word == "same" else left == right


def _about_people(pool: Pool, rule: Rule, two: Two) -> bool:
    mentee, mentor = two.both("person")
    if rule.kind == "not_self":
        return mentee == mentor
    if rule.kind == "must_not_pair":
        return two.stands_in(pool.must_not_pairs)
    if rule.kind == "earlier_pair":
        return two.stands_in(pool.earlier_pairs)
    mentee_boss, mentor_boss = two.both("manager")
    mentee_second, mentor_second = two.both("second_manager")
    above_mentee, above_mentor = (
        _known(mentee_boss, mentee_second),
        _known(mentor_boss, mentor_second),
    )
    if mentor in above_mentee or mentee in above_mentor:
        return True
    return (
        bool(rule.params.get("same_manager")) and _known(mentee_boss) & _known(mentor_boss) != set()
    )


def _known(*people: object) -> set[object]:
    return {person for person in people if person not in (None, "")}


def _about_levels(rule: Rule, gap: int | None) -> bool | None:
    if gap is None:
        return None
    low, high = rule.params.get("min"), rule.params.get("max")
    return (low is not None and gap < _number(low)) or (high is not None and gap > _number(high))


def _about_languages(rule: Rule, two: Two) -> bool | None:
    left, right = (levels(spoken) for spoken in two.both("languages"))
    if not left or not right:
        return None
    least = LEVELS.index(str(rule.params.get("level") or "A1")) + 1
    return all(min(left[name], right[name]) < least for name in left.keys() & right.keys())


def levels(spoken: object) -> dict[str, int]:
    """Return languages with their level from 1 to 6; where it is not told, 6."""
    told = spoken if isinstance(spoken, Mapping) else dict.fromkeys(spoken)  # type: ignore[call-overload]
    return {name: LEVELS.index(level) + 1 if level else 6 for name, level in told.items()}


def _about_training(rule: Rule, two: Two) -> bool:
    mentee, mentor = two.both("training_done")
    asked = {"mentee": [mentee], "mentor": [mentor]}.get(str(rule.params.get("who")))
    wrong = [False, None] if rule.params.get("unknown") == "forbid" else [False]
    return any(done in wrong for done in asked or [mentee, mentor])


def _about_answers(rule: Rule, two: Two) -> bool | None:
    left, right = (as_set(answer) for answer in two.answers(rule.params))
    if not left or not right:
        return None
    return left != right if rule.kind == "answer_same" else left == right


def as_set(answer: object) -> set[object]:
    """Return an answer as a set of values; numbers as numbers, nothing as the empty set."""
    if answer is None or answer == "":
        return set()
    if isinstance(answer, int | float):
        return {float(answer)}
    return {answer} if isinstance(answer, str) else set(answer)  # type: ignore[call-overload]


def _number(value: object) -> float:
    assert isinstance(value, int | float)  # noqa: S101
    return float(value)
