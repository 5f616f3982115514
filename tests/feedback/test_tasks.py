from __future__ import annotations

import pytest

from feedback import selectors, tasks
from feedback.models import CheckIn
from notifications.models import Message
from tests.conftest import grant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_now")]


def test_plan_task_run_twice_asks_once(cast):
    for _turn in range(2):
        tasks.plan_check_ins()

    assert CheckIn.objects.count() == 2
    assert Message.objects.count() == 2


def test_readers_are_the_managers_where_no_contact_is_named(cast):
    cast.program.contact_name = ""
    assert selectors.readers_of(cast.program) == "Marta Kowalczyk"

    grant(cast.stranger, "owner", cast.program)
    assert selectors.readers_of(cast.program) == "Marta Kowalczyk and Sam Stranger"


def test_readers_of_a_program_without_managers_have_no_names(cast):
    cast.program.contact_name = ""
    cast.program_manager.grants.all().delete()

    assert selectors.readers_of(cast.program) == "The program team"
