"""Small groups are combined, so that no difference reveals one person."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from core.small_groups import combine_small


@dataclass
class Team:
    names: tuple[str, ...]
    people: int

    def plus(self, other: Team) -> Team:
        return Team(self.names + other.names, self.people + other.people)


def combined(*teams: Team) -> list[Team]:
    return combine_small(teams, size=lambda team: team.people, merge=Team.plus)


def test_combine_small_merges_the_smallest_with_its_neighbour():
    teams = [Team(("Legal",), 2), Team(("Data",), 9), Team(("People",), 6)]

    assert combined(*teams) == [Team(("Legal", "People"), 8), Team(("Data",), 9)]


def test_combine_small_with_too_few_people_in_all_shows_nothing():
    assert combined(Team(("Legal",), 2), Team(("Data",), 2)) == []


def test_combine_small_leaves_large_groups_alone():
    teams = [Team(("A",), 5), Team(("B",), 7)]

    assert combined(*teams) == teams


@given(st.lists(st.integers(min_value=0, max_value=12), max_size=12))
def test_combine_small_shows_everybody_or_nobody_and_no_small_group(sizes):
    groups = combined(*(Team((str(at),), size) for at, size in enumerate(sizes)))

    assert all(group.people >= 5 for group in groups)
    assert sum(group.people for group in groups) == (sum(sizes) if sum(sizes) >= 5 else 0)
