"""Who reads an answer is named beside the question: all who may, and nobody who may not."""

from __future__ import annotations

import pytest

from accounts.models import Role
from feedback.selectors import readers_of
from tests.conftest import grant, make_person

pytestmark = pytest.mark.django_db


def test_readers_are_all_who_manage_with_the_contact_first(cast):
    cast.program.contact_email = "Zoe@example.org"
    grant(make_person("zoe@example.org", "Zoe Last"), Role.OWNER, cast.program)
    grant(make_person("hr@example.org", "Hanna Reports"), Role.HR_ANALYST, cast.program)

    assert readers_of(cast.program) == "Zoe Last and Marta Kowalczyk"

    grant(make_person("anna@example.org", "Anna Everywhere"), Role.OWNER, None)
    assert readers_of(cast.program) == "Zoe Last, Anna Everywhere and Marta Kowalczyk"


def test_manager_who_is_in_the_match_reads_nothing_and_is_not_named(cast):
    grant(cast.mentor, Role.MANAGER, cast.program)

    assert readers_of(cast.program, [cast.match.pk]) == "Marta Kowalczyk"
    assert "Daniel Osei" in readers_of(cast.program)


def test_program_without_managers_names_its_contact(cast):
    cast.program_manager.grants.all().delete()
    cast.program.contact_name = "The office"
    assert readers_of(cast.program) == "The office"
    cast.program.contact_name = ""
    assert readers_of(cast.program) == "The program team"
