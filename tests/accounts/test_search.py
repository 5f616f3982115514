"""Finding people in the admin: by words of the name, parts of the e-mail, employee number."""

from __future__ import annotations

import pytest
from django.db import connection
from django.urls import reverse

from accounts.models import User
from accounts.selectors import search_people
from participants.models import Enrolment
from tests.conftest import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def _people():
    make_person("zoe.mueller@example.org", "Zoë Müller-Lüdenscheidt", employee_id="Q-0417")
    make_person("bo.li@example.org", "Bo Li", employee_id="Q-0418")
    make_person("emil@elsewhere.example", "Emil Boll")


@pytest.mark.usefixtures("_people")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("müller", ["zoe.mueller@example.org"]),
        ("MULLER zoe", ["zoe.mueller@example.org"]),
        ("denscheidt", ["zoe.mueller@example.org"]),
        ("q-0417", ["zoe.mueller@example.org"]),
        ("Q-041", []),
        ("zoe.m", ["zoe.mueller@example.org"]),
        ("Elsewhere", ["emil@elsewhere.example"]),
        ("bo", ["bo.li@example.org", "emil@elsewhere.example"]),
        ("li bo", ["bo.li@example.org"]),
        ("il", []),
        ("100%", []),
        ("müller boll", []),
    ],
)
def test_search_people_finds_every_word_in_name_address_or_number(text, found):
    rows = search_people(User.objects.all(), text)

    assert sorted(rows.values_list("email", flat=True)) == found


def test_search_people_by_a_path_finds_rows_of_theirs(cast):
    rows = search_people(Enrolment.objects.all(), "priya", path="user")

    assert [row.user for row in rows] == [cast.mentee]


def test_search_in_the_admin_sorts_by_name_and_says_nothing_of_other_programs(cast):
    client = cast.client("it_administrator")
    url = reverse("admin:accounts_user_changelist")

    rows = client.get(url, {"q": "example.org", "o": ""}).context["cl"].result_list

    keys = [row.name_key for row in rows]
    assert keys == sorted(keys)
    assert len(keys) == User.objects.filter(email__contains="example.org").count()
    enrolments = cast.client("other_program_manager").get(
        reverse("admin:participants_enrolment_changelist"), {"q": "priya"}
    )
    assert list(enrolments.context["cl"].result_list) == []


def test_search_of_many_people_reads_an_index_and_not_every_row(cast):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = search_people(User.objects.order_by(), "priya").explain()

    assert "user_by_part_of_name" in plan
    assert "user_employee_id_once" in plan
