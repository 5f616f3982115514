"""Who of one side may not sit in one circle: the rules about who two people are to each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from matching.engine.model import People, Policy, Pool, Rule
from matching.engine.rules.people import MustNotPair, PairRule, ReportingLine
from matching.engine.scoring import effective_rules

KEEPS_APART: dict[str, type[PairRule]] = {
    "reporting_line": ReportingLine,
    "must_not_pair": MustNotPair,
}
"""Rules that hold between any two members. Nobody stands twice on one side: People refuses it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of one side of whom at most one sits in a circle, and the rule that says so."""

    rule: str
    rows: tuple[int, ...]


class Together:
    """One side of a pool, and who of it may sit together, overrides taken into account.

    Two people are a group; all who report to one manager are one, where the policy keeps them
    apart. Time and memory grow with the people and the pairs named.
    """

    def __init__(self, pool: Pool, policy: Policy, people: People) -> None:
        self.people = people
        self.let_through = {(key, frozenset((one, other))) for one, other, key in pool.overrides}
        side = Pool(mentees=people, mentors=people, must_not_pairs=pool.must_not_pairs)
        found: dict[Group, None] = {}
        for rule in effective_rules(policy.rules):
            if rule.kind in KEEPS_APART:
                found |= dict.fromkeys(self._groups(side, rule))
        self.groups = tuple(found)
        self._of: dict[int, set[int]] = defaultdict(set)
        for number, group in enumerate(self.groups):
            for row in group.rows:
                self._of[row].add(number)

    def _groups(self, side: Pool, rule: Rule) -> Iterator[Group]:
        hard = KEEPS_APART[rule.kind](side, rule.params)
        named = {(min(pair), max(pair)) for pair in hard.forbidden(self.people, self.people)}
        for one, other in sorted(named):
            if one != other:
                yield from self._split(rule.key, (one, other))
        if isinstance(hard, ReportingLine) and hard.same_manager:
            for rows in self._by_manager():
                yield from self._split(rule.key, rows)

    def _by_manager(self) -> Iterator[tuple[int, ...]]:
        by_manager = defaultdict(list)
        for row, manager in enumerate(self.people.manager):
            if manager is not None and manager != "":
                by_manager[manager].append(row)
        return (tuple(rows) for rows in by_manager.values() if len(rows) > 1)

    def _split(self, key: str, rows: tuple[int, ...]) -> Iterator[Group]:
        """Yield the rows as one group, or pair by pair where an override lets two through."""
        person = self.people.person
        pairs = list(combinations(rows, 2))
        kept = [
            pair
            for pair in pairs
            if (key, frozenset(person[row] for row in pair)) not in self.let_through
        ]
        if len(kept) == len(pairs):
            yield Group(key, rows)
        else:
            yield from (Group(key, pair) for pair in kept)

    def rules(self, one: int, other: int) -> list[str]:
        """Name the rules that keep two people apart."""
        shared = self._of.get(one, set()) & self._of.get(other, set())
        return sorted({self.groups[number].rule for number in shared})

    def may_join(self, row: int, others: Iterable[int]) -> bool:
        """Tell whether somebody may sit with some others."""
        mine = self._of.get(row)
        return not mine or all(mine.isdisjoint(self._of.get(other, ())) for other in others)

    def among(self, rows: Sequence[int]) -> list[tuple[int, ...]]:
        """Return the groups among some people, as places in ``rows``; each of two or more."""
        places = {row: place for place, row in enumerate(rows)}
        found = (
            tuple(sorted(places[row] for row in group.rows if row in places))
            for group in self.groups
        )
        return sorted({group for group in found if len(group) > 1})
