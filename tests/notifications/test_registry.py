from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from notifications import registry


def test_register_twice_is_fine_and_two_of_a_name_are_not(kinds):
    kind = registry.get("test.nudge")

    registry.register(kind)
    with pytest.raises(ImproperlyConfigured):
        registry.register(replace(kind, may_stop=False))


def test_names_sent_again_are_those_that_must_arrive(kinds):
    names = registry.names_sent_again()

    assert "test.required" in names
    assert "feedback.check_in" in names
    assert "test.nudge" not in names


def test_what_looks_ahead_knows_every_planner():
    names = [planner.name for planner in registry.every_planner()]

    assert names == [
        "feedback.check_ins",
        "feedback.fit_questions",
        "feedback.pulses",
        "home.actions_due",
        "matching.absences",
        "meetings.events",
        "meetings.reminders",
        "participants.externals",
        "participants.line_managers",
        "participants.reminders",
        "participants.screening",
    ]


def test_every_kind_stands_in_the_manual_as_it_is():
    manual = Path(__file__).parents[2] / "docs" / "messages.md"
    lines = [line for line in manual.read_text().splitlines() if line.startswith("| `")]
    told = [tuple(cell.strip(" `") for cell in line.strip("|").split("|")) for line in lines]

    assert [row for row in told if "." in row[0]] == [
        (
            kind.name,
            kind.takes.value,
            "yes" if kind.is_required else "no",
            ", ".join(
                word
                for word, holds in (
                    ("stop", kind.may_stop),
                    ("daily", kind.has_digest),
                    ("calendar", kind.calendar),
                    ("urgent", kind.is_urgent),
                )
                if holds
            ),
        )
        for kind in registry.every_kind()
    ]


def test_kinds_of_message_have_titles_of_their_own():
    titles = [kind.label for kind in registry.every_kind()]
    assert sorted(set(titles)) == sorted(titles)
