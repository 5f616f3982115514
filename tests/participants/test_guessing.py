"""Headers in English and German are understood."""

import csv
from pathlib import Path

import pytest

from participants.importing.guessing import guess, header_key
from programs.models import Question

PEOPLE = Path(__file__).parents[1] / "data" / "people"


def headers_of(name: str) -> list[str]:
    with (PEOPLE / name).open(newline="") as lines:
        return next(csv.reader(lines))


@pytest.mark.parametrize("size", ["50", "500"])
def test_guess_of_the_civil_service_lists_finds_every_field(size):
    mentors = headers_of(f"civil-service-{size}/mentors.csv")
    assert guess(mentors, role="mentor", questions=[]) == [
        "first_name",
        "last_name",
        "email",
        "",
        "job_title",
        "level",
        "department",
        "function",
        "",
        "bio",
    ]
    mentees = headers_of(f"civil-service-{size}/mentees.csv")
    assert guess(mentees, role="mentee", questions=[]) == [
        "first_name",
        "last_name",
        "email",
        "",
        "job_title",
        "level",
        "department",
        "function",
        "",
        "",
        "bio",
    ]


def test_guess_of_a_form_tools_headings_finds_every_field():
    assert guess(headers_of("form-output-headings.csv"), role="mentor", questions=[]) == [
        "",
        "",
        "",
        "first_name",
        "last_name",
        "email",
        "job_title",
        "department",
        "level",
        "function",
    ]


@pytest.mark.parametrize(
    ("headers", "targets"),
    [
        (["E-Mail", "Vorname", "Name"], ["email", "first_name", "last_name"]),
        (["E-Mail-Adresse", "Name"], ["email", "full_name"]),
        (["Personalnummer", "Führungskraft E-Mail"], ["employee_id", "manager_email"]),
        (["Abteilung", "Standort", "Zeitzone"], ["department", "location", "time_zone"]),
        (["Stellenbezeichnung", "Entgeltgruppe", "Beruf"], ["job_title", "level", "function"]),
        (["Sprache", "Sprachen", "Über mich"], ["language", "languages", "bio"]),
        (["EMAIL_ADDRESS", "FIRST_NAME", "Last-Name"], ["email", "first_name", "last_name"]),
        (["Work email", "Line manager's email"], ["email", "manager_email"]),
        (["Mentor email", "Capacity", "Skills"], ["email", "capacity", "skills_offered"]),
        (["What is your job title?", "Please enter your name"], ["job_title", "full_name"]),
        (["email", "E-mail", "Email address"], ["email", "", ""]),
        (["1", "2"], ["", ""]),
    ],
)
def test_guess_in_two_languages(headers, targets):
    assert guess(headers, role="mentor", questions=[]) == targets


def test_guess_for_mentees_knows_no_capacity_and_reads_skills_as_wanted():
    assert guess(["Capacity", "Skills"], role="mentee", questions=[]) == ["", "skills_wanted"]


def test_guess_takes_questions_by_key_and_label_before_words():
    questions = [
        Question(key="identity-to-match", label="Whom would you feel at ease with?"),
        Question(key="goal", label="Your goal"),
    ]
    headers = ["identity to match", "Your goal", "goal", "whom would you feel at ease with"]
    assert guess(headers, role="mentee", questions=questions) == [
        "question:identity-to-match",
        "question:goal",
        "goal_text",
        "",
    ]


def test_guess_remembers_an_earlier_import_and_forgets_what_is_no_more():
    memory = {"spalte 1": "email", "grade": "question:gone", "email": "manager_email"}
    assert guess(["Spalte 1", "Grade", "Email"], role="mentor", questions=[], memory=memory) == [
        "email",
        "level",
        "manager_email",
    ]


def test_header_key_drops_case_accents_and_punctuation():
    assert header_key("  Führungs-Kraft:\n E_Mail (dienstlich)? ") == (
        "fuhrungs kraft e mail dienstlich"
    )
