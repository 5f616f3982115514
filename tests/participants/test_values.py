"""Cells become values, or problems with a remedy."""

from datetime import date

import pytest

from participants.importing.sentences import PROBLEMS, problem, said_problem
from participants.importing.values import CellProblem, Reader, day_of, day_order
from programs.models import Question

QUESTIONS = {
    "site": Question(key="site", kind="choice", choices=["North", "South, by the sea"]),
    "topics": Question(key="topics", kind="choices", choices=["AI", "Pay, grades", "Law"]),
    "energy": Question(key="energy", kind="scale"),
    "since": Question(key="since", kind="date"),
    "note": Question(key="note", kind="text"),
}
READER = Reader(questions=QUESTIONS, levels={"grade7": "Grade 7", "heo": "HEO"})


@pytest.mark.parametrize(
    ("target", "text", "value"),
    [
        ("email", "Ann.O'Hara@Example.ORG", "ann.o'hara@example.org"),
        ("email", "mailto:ann@x.org", "ann@x.org"),
        ("manager_email", "<BOSS@x.org>", "boss@x.org"),
        ("first_name", "  Ann \n Maria ", "Ann Maria"),
        ("level", "grade  7 ", "Grade 7"),
        ("level", "GRADE7", "Grade 7"),
        ("level", "heo", "HEO"),
        ("time_zone", "europe/berlin", "Europe/Berlin"),
        ("time_zone", "America/New York", "America/New_York"),
        ("language", "German", "de"),
        ("language", "Deutsch", "de"),
        ("language", "en-GB", "en"),
        ("languages", "English, Deutsch / fr", ["en", "de", "fr"]),
        ("languages", "English (fluent); Swahili", ["en", "sw"]),
        ("interests", "Chess, Running, chess", ["Chess", "Running"]),
        ("interests", "Chess, and more; Running", ["Chess, and more", "Running"]),
        ("skills_offered", "Python: 3, Law, SQL (1)", [["Python", 3], ["Law", 2], ["SQL", 1]]),
        ("skills_wanted", "C++; c++: 3", [["C++", 2]]),
        ("capacity", "2.0", 2),
        ("capacity", "0", 0),
        ("mentored_before", "Yes", 1),
        ("mentored_before", "nein", 0),
        ("mentored_before", "12", 12),
        ("bio", "Two\nlines", "Two\nlines"),
        ("function", "=1+1", "=1+1"),
        ("question:site", "south,  BY the sea", "South, by the sea"),
        ("question:topics", "law, Pay, grades", ["Pay, grades", "Law"]),
        ("question:topics", "AI;Law", ["AI", "Law"]),
        ("question:energy", "4", 4),
        ("question:since", "2026-01-31", "2026-01-31"),
        ("question:since", "2026-01-31 00:00:00", "2026-01-31"),
        ("question:since", "31.1.2026", "2026-01-31"),
        ("question:note", "Anything", "Anything"),
    ],
)
def test_value_of_a_good_cell(target, text, value):
    assert READER.value(target, text) == value


@pytest.mark.parametrize(
    ("target", "text", "code"),
    [
        ("email", "ann", "email_invalid"),
        ("email", "a@x.org, b@x.org", "email_invalid"),
        ("first_name", "x" * 81, "too_long"),
        ("level", "Grade 8", "unknown_level"),
        ("level", "#N/A", "cell_error"),
        ("time_zone", "Berlin time", "time_zone_invalid"),
        ("language", "Klingon", "language_not_offered"),
        ("language", "French", "language_not_offered"),
        ("languages", "English, Klingon", "language_unknown"),
        ("interests", "x" * 61, "too_long"),
        ("interests", ",".join(map(str, range(41))), "too_many_items"),
        ("capacity", "many", "not_a_number"),
        ("capacity", "-1", "not_a_number"),
        ("capacity", "21", "not_a_number"),
        ("capacity", "1.5", "not_a_number"),
        ("mentored_before", "often", "not_a_number"),
        ("question:site", "East", "not_a_choice"),
        ("question:topics", "AI, Space", "not_a_choice"),
        ("question:energy", "6", "not_a_number"),
        ("question:since", "yesterday", "not_a_date"),
        ("question:since", "2026-02-30", "not_a_date"),
        ("question:since", "02/01/2014", "date_ambiguous"),
        ("question:note", "x" * 20_001, "too_long"),
    ],
)
def test_value_of_a_bad_cell_is_a_problem(target, text, code):
    with pytest.raises(CellProblem) as caught:
        READER.value(target, text)
    assert caught.value.code == code


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_problem_says_what_is_wrong_and_what_to_do(code):
    params = {
        name: "7"
        for name in "value limit choices least most row rows other open".split()  # noqa: SIM905
    }
    said = said_problem(problem(code, "level", **params))
    assert said.text.endswith(".")
    assert said.remedy.endswith(".")
    assert "%" not in said.text + said.remedy


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("31/12/2012", True),
        ("12/31/2012", False),
        ("02/01/2014", None),
        ("2.1.2014", True),
        ("2014-01-02", None),
        ("soon", None),
    ],
)
def test_day_order_of_a_text(text, order):
    assert day_order(text) is order


def test_day_of_an_ambiguous_text_follows_the_column():
    assert day_of("02/01/2014", day_first=True) == date(2014, 1, 2)
    assert day_of("02/01/2014", day_first=False) == date(2014, 2, 1)
    assert day_of("03/03/2014", day_first=None) == date(2014, 3, 3)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"full_name": "Ann Maria Arbor"}, {"first_name": "Ann Maria", "last_name": "Arbor"}),
        ({"full_name": "Arbor, Ann"}, {"first_name": "Ann", "last_name": "Arbor"}),
        ({"full_name": "Ann"}, {"first_name": "Ann"}),
        ({"full_name": "Ann Arbor", "last_name": "Ash"}, {"last_name": "Ash"}),
    ],
)
def test_read_splits_a_full_name_unless_names_are_given(values, names):
    columns = list(enumerate(values))
    assert READER.read(list(values.values()), columns) == (names, [])


def test_read_of_a_row_with_two_bad_cells_reports_both():
    values, problems = READER.read(["ann", "x", "9"], [(0, "email"), (2, "question:energy")])
    assert values == {}
    assert [(item["code"], item["field"]) for item in problems] == [
        ("email_invalid", "email"),
        ("not_a_number", "question:energy"),
    ]
