from __future__ import annotations

import pytest
from django.utils.translation import override

from core.names import listed
from core.ui.tags import initials


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], ""),
        (["Ana"], "Ana"),
        (["Ana", "Ben"], "Ana and Ben"),
        (["Ana", "Ben", "Cem"], "Ana, Ben and Cem"),
        (["Ana", "Ben", "Cem", "Dao"], "Ana, Ben and 2 others"),
        (["Ana", "Ben", "Cem", "Dao", "Eli", "Fay"], "Ana, Ben and 4 others"),
    ],
)
def test_names_are_listed_in_one_breath(names, said):
    assert listed(names) == said


def test_names_are_listed_in_german():
    with override("de"):
        assert listed(["Ana", "Ben"]) == "Ana und Ben"
        assert listed(["Ana", "Ben", "Cem", "Dao"]) == "Ana, Ben und 2 andere"


def test_initials_of_several_names_are_those_of_the_first():
    assert initials("Ana Silva, Ben Cho and 2 others") == "AS"
