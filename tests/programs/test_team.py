"""Who runs a program: cover while somebody is away, and handing over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from home.sheet import read_sheet
from programs.models import Cover, Program
from tests.conftest import grant, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def second(cast):
    second = make_person("sue@example.org", "Sue Second")
    grant(second, "owner", cast.program)
    Program.objects.filter(pk=cast.program.pk).update(contact_email="Marta@example.org")
    return second


def test_cover_is_whom_participants_ask_on_its_days_only(cast, second):
    client = cast.client("program_manager")
    url = reverse("programs:team", args=(cast.program.pk,))
    today = timezone.now().date()
    given = {
        "away": cast.program_manager.pk,
        "covered_by": second.pk,
        "starts_on": today.isoformat(),
        "ends_on": today.isoformat(),
    }

    assert client.post(url, {**given, "covered_by": cast.stranger.pk}).status_code == 422
    assert client.post(url, {**given, "covered_by": cast.program_manager.pk}).status_code == 422
    assert client.post(url, given).status_code == 302
    assert client.post(url, given).status_code == 422
    (own,) = read_sheet(cast.mentee).enrolments
    assert (own.contact_name, own.contact_email) == ("Sue Second", "sue@example.org")
    status = reverse("enrolment_status", args=(cast.mentee_enrolment.pk,))
    assert b"sue@example.org" in cast.client("mentee").get(status).content

    client.post(reverse("programs:end_cover", args=(Cover.objects.get().pk,)))
    (own,) = read_sheet(cast.mentee).enrolments
    assert own.contact_name == "Marta Kowalczyk"
    with pytest.raises(IntegrityError), transaction.atomic():
        Cover.objects.create(
            program=cast.program,
            away=second,
            covered_by=cast.program_manager,
            starts_on=today,
            ends_on=today - timedelta(days=1),
        )


def test_stand_in_is_shown_on_the_days_of_who_is_away_and_while_they_have_an_account(
    cast, second, time_machine
):
    cast.program_manager.time_zone = "Pacific/Auckland"
    cast.program_manager.save(update_fields=("time_zone",))
    Program.objects.update(contact_email=cast.program_manager.email)
    Cover.objects.create(
        program=cast.program,
        away=cast.program_manager,
        covered_by=second,
        starts_on=date(2026, 11, 20),
        ends_on=date(2026, 11, 20),
    )

    def shown_at(hour: int) -> str:
        moment = datetime(2026, 11, 19, hour, tzinfo=UTC)
        time_machine.move_to(moment, tick=False)
        (own,) = read_sheet(cast.mentee).enrolments
        return own.contact_name

    assert shown_at(10) == "Marta Kowalczyk"  # 23:00 of the 19th in Auckland
    assert shown_at(12) == "Sue Second"
    second.is_active = False
    second.save(update_fields=("is_active",))
    assert shown_at(13) == "Marta Kowalczyk"


def test_owner_hands_a_role_over_and_the_contact_with_it(cast, second):
    cast.second = second
    role = cast.program_manager.grants.get()
    url = reverse("programs:pass_on", args=(role.pk,))
    assert cast.client("program_manager").post(url, {"successor": second.pk}).status_code == 403

    answer = cast.client("second").post(url, {"successor": second.pk})

    assert answer.url == reverse("programs:team", args=(cast.program.pk,))
    assert not cast.program_manager.grants.exists()
    assert sorted(second.grants.values_list("role", flat=True)) == ["manager", "owner"]
    program = Program.objects.get(pk=cast.program.pk)
    assert (program.contact_name, program.contact_email) == ("Sue Second", "sue@example.org")


def test_manager_who_cannot_give_roles_is_told_whom_to_ask(cast):
    client = cast.client("program_manager")
    url = reverse("programs:team", args=(cast.program.pk,))
    give = reverse("admin:accounts_rolegrant_changelist")
    assert client.get(give).status_code == 403

    alone = client.get(url).content.decode()
    assert give not in alone
    assert "No owner yet." in alone
    assert "Ask IT to make two people owners" in alone
    assert "as soon as a second person has a role in this program" in alone
    assert 'name="covered_by"' not in alone

    owner = make_person("olive@example.org", "Olive Owner")
    grant(owner, "owner", cast.program)
    together = client.get(url).content.decode()
    assert "Only one owner." in together
    assert "Ask Olive Owner to make a second person an owner" in together
    assert 'name="covered_by"' in together

    client.force_login(owner)
    of_owner = client.get(url).content.decode()
    assert give in of_owner
    assert "Make a second person an owner: only owners can give roles" in of_owner
