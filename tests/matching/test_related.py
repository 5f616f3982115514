"""Skills written differently: found where they are near, left alone where they only sound alike."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from matching.meaning import vectors_of
from matching.related import related_skills, stems

NAMES = Path(__file__).resolve().parents[2] / "bench/data/skills.toml"


def credit(one: str, other: str) -> float:
    table = related_skills([one, other], vectors_of([one.lower(), other.lower()]))
    assert table.get(one, {}).get(other) == table.get(other, {}).get(one)
    return table.get(one, {}).get(other, 0.0)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("MS Excel", "Excel", 0.9),
        ("Negotiating", "Negotiation skills", 0.9),
        ("SQL", "sql", 0.9),
        ("Public speaking", "Presenting", 0.75),
        ("Präsentieren", "Public speaking", 0.75),
        ("CV writing", "Resume writing", 0.75),
        ("Electric cars", "Electric vehicles", 0.5),
        ("Java", "JavaScript", 0.0),
        ("Sales", "Sales tax", 0.0),
        ("C", "C++", 0.0),
        ("Mediation", "Meditation", 0.0),
        ("Projektleitung", "Pflegeplanung", 0.0),
    ],
)
def test_related_skills_of_two_names_gives_credit(one, other, expected):
    assert credit(one, other) == expected


def test_related_skills_without_vectors_still_knows_forms_and_families():
    table = related_skills(["Excel", "MS Excel", "Spreadsheets", "Cooking"])

    assert table == {
        "Excel": {"MS Excel": 0.9, "Spreadsheets": 0.75},
        "MS Excel": {"Excel": 0.9, "Spreadsheets": 0.75},
        "Spreadsheets": {"Excel": 0.75, "MS Excel": 0.75},
    }


def test_related_skills_does_not_depend_on_the_order_of_names():
    names = ["Presenting", "Public speaking", "Negotiating", "Negotiation", "CV", "Resume writing"]
    there = related_skills(names, vectors_of([name.lower() for name in names]))
    back = related_skills(names[::-1], vectors_of([name.lower() for name in names[::-1]]))

    assert there == back


def test_related_skills_judges_the_names_apart_with_one_mistake():
    pairs = tomllib.loads(NAMES.read_text())

    assert [pair for pair in pairs["apart"] if credit(*pair)] == [
        ["Job interviews", "User interviews"]
    ]
    assert sum(credit(*pair) > 0 for pair in pairs["close"]) == 58


def test_stems_of_names_drop_grammar_and_filling_words():
    assert stems("Giving presentations") == stems("Presenting") == stems("Presentation skills")
    assert stems("Team") == {"team"}
