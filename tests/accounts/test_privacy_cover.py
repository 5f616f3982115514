"""Nothing that points at a person is forgotten when they ask for their data, or leave."""

from __future__ import annotations

from django.apps import apps

from accounts.models import User
from accounts.privacy import exporters, left_out


def keys_to_people() -> set[str]:
    """Return every foreign key to a person, as ``app.Model.field``."""
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if not field.auto_created and getattr(field, "related_model", None) is User
    }


def test_every_key_to_a_person_is_in_a_section_or_left_out_for_a_reason():
    covered = {key for section in exporters() for key in section.covers}
    forgotten = keys_to_people() - covered - set(left_out())

    assert not forgotten, (
        "Say in the app's privacy.py how these rows are handed over (and erased), or why not: "
        f"{sorted(forgotten)}"
    )


def test_sections_and_reasons_name_nothing_that_is_gone():
    named = {key for section in exporters() for key in section.covers} | set(left_out())

    assert named - keys_to_people() == set()


def test_no_key_is_both_covered_and_left_out():
    covered = [key for section in exporters() for key in section.covers]

    assert len(covered) == len(set(covered))
    assert set(covered) & set(left_out()) == set()


def test_every_reason_is_a_sentence():
    assert all(reason.endswith(".") for reason in left_out().values())
