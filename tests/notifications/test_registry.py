from __future__ import annotations

from dataclasses import replace

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
        "meetings.reminders",
        "participants.reminders",
    ]
