"""Pairings measured by one ruler: the draft and what was tried, all by the draft's own weights.

Groups are those of the frozen pool, small ones combined, so that they are the same in every column.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.small_groups import combine_small
from matching.engine import Places, Pool

MOST_GROUPS = 8


@dataclass(frozen=True)
class Group:
    """Mentees who share something: the places they have in the pool."""

    names: tuple[str, ...]
    mentees: tuple[int, ...]

    def plus(self, other: Group) -> Group:
        return Group(tuple(sorted((*self.names, *other.names))), (*self.mentees, *other.mentees))


def fair_groups(pool: Pool, traits: Iterable[str] = ()) -> dict[str, list[Group]]:
    """Return the mentees by department, place, level and agreed traits, where there are two groups.

    Groups of fewer than five are combined; so are the smallest of more than eight. Who agreed to
    no trait stands in none of its groups.
    """
    mentees = pool.mentees
    columns: dict[str, Sequence[Any]] = {
        "department": mentees.department,
        "location": mentees.location,
        "level": mentees.level,
    }
    for key in traits:
        columns[f"trait:{key}"] = [told.get(key) for told in mentees.traits]
    found = {name: _groups(column, name.startswith("trait:")) for name, column in columns.items()}
    return {name: groups for name, groups in found.items() if len(groups) > 1}


def _groups(column: Sequence[Any], leaves_out_untold: bool) -> list[Group]:
    by_value: dict[str, list[int]] = {}
    for place, value in enumerate(column):
        name = "" if value is None else str(value)
        if name or not leaves_out_untold:
            by_value.setdefault(name, []).append(place)
    groups = [Group((name,), tuple(places)) for name, places in sorted(by_value.items())]
    groups = combine_small(groups, size=_size, merge=Group.plus)
    while len(groups) > MOST_GROUPS:
        first, second, *others = sorted(groups, key=_size)
        groups = [first.plus(second), *others]
    return sorted(groups, key=lambda group: (-len(group.mentees), group.names))


def _size(group: Group) -> int:
    return len(group.mentees)


def measured(pool: Pool, places: Places, groups: dict[str, list[Group]]) -> dict[str, Any]:
    """Return how many have a place, mean and worst score, load, and the same for each group.

    ``places`` were measured by the draft's weights: scores are whole, of 1,000,000. O(places).
    """
    score_of = {pool.mentees.index[one]: placed.score for one, placed in places.items()}
    scores = list(score_of.values())
    return {
        "placed": len(scores),
        "average": average(scores),
        "worst": min(scores, default=None),
        "load": _load(pool, places),
        "groups": {
            name: [_of_group(group, score_of) for group in found] for name, found in groups.items()
        },
    }


def _of_group(group: Group, score_of: dict[int, int]) -> dict[str, Any]:
    scores = [score_of[place] for place in group.mentees if place in score_of]
    return {
        "names": list(group.names),
        "mentees": len(group.mentees),
        "placed": len(scores),
        "average": average(scores),
    }


def _load(pool: Pool, places: Places) -> dict[str, int]:
    """Return how many mentors of the pool have how many mentees, by the number as text."""
    mentees: Counter[Any] = Counter(one for placed in places.values() for one in placed.with_ids)
    counts = Counter(mentees[mentor] for mentor in pool.mentors.id)
    return {str(number): counts[number] for number in sorted(counts)}


def average(scores: Sequence[int]) -> int | None:
    return round(sum(scores) / len(scores)) if scores else None
