"""Who runs a program: cover while somebody is away, and handing over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.services import grant_role
from home.sheet import read_sheet
from notifications import registry
from notifications.letters import write_letter
from notifications.models import Message
from programs.models import Cover, Program
from programs.services.team import hand_over, remove_cover, set_cover
from support.models import WorkItem, WorkKind
from tests.conftest import enrol, grant, make_person

pytestmark = pytest.mark.django_db


def letter(message: Message):
    kind = registry.get(message.kind)
    assert not kind.is_still_due(message, timezone.now())
    return write_letter(message, kind, now=timezone.now(), message_id="<a@b>")


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
    give = reverse("admin:accounts_rolegrant_add")
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


def test_owner_who_hands_over_the_own_role_lands_where_they_may_be(cast, second):
    grant(cast.program_manager, "owner", cast.program)
    cast.program_manager.grants.filter(role="manager").delete()
    role = cast.program_manager.grants.get()
    client = cast.client("program_manager")
    page = client.get(reverse("programs:team", args=(cast.program.pk,))).content.decode()
    assert "This is your own role: you will not see this program any more" in page
    assert page.count(f'<option value="{second.pk}">Sue Second') == 3  # twice for cover, once here

    answer = client.post(
        reverse("programs:pass_on", args=(role.pk,)), {"successor": second.pk}, follow=True
    )

    assert answer.status_code == 200
    assert answer.request["PATH_INFO"] == reverse("home")
    assert "Handed over to Sue Second." in answer.content.decode()


def test_what_was_the_leavers_goes_with_the_program(cast, second):
    owner = make_person("olga@example.org", "Olga Owner")
    grant(owner, "owner", cast.program)
    leaver, program = cast.program_manager, cast.program
    today = timezone.now().date()
    days = {"starts_on": today, "ends_on": today + timedelta(days=5)}
    given = {"program": program, "actor": owner, "now": timezone.now()}
    set_cover(away=leaver, covered_by=owner, **days, **given)
    set_cover(away=owner, covered_by=leaver, **days, **given)
    later = today + timedelta(days=14)
    set_cover(away=owner, covered_by=second, starts_on=later, ends_on=later, **given)
    mine, concerns, others = (
        WorkItem.objects.create(
            cohort=cast.cohort, kind=kind, owner=who, opened_at=timezone.now(), **about
        )
        for kind, who, about in (
            (WorkKind.STALLED, leaver, {"match": cast.match}),
            (WorkKind.LEAVING, leaver, {"enrolment": enrol(cast.cohort, second, "mentor")}),
            (WorkKind.LEAVING, owner, {"enrolment": cast.mentee_enrolment}),
        )
    )

    hand_over(grant=leaver.grants.get(), successor=second, actor=owner, now=timezone.now())

    assert [Cover.objects.get().covered_by, Cover.objects.get().away] == [second, owner]
    for item, expected in ((mine, second), (concerns, None), (others, owner)):
        item.refresh_from_db()
        assert item.owner == expected
    message = Message.objects.get(kind="programs.handed_over")
    assert message.recipient == second
    assert "Marta Kowalczyk does not run" in letter(message).text
    assert not Message.objects.filter(kind="programs.role_given", recipient=second).exists()


def test_who_keeps_another_role_keeps_what_is_theirs(cast, second):
    grant(cast.program_manager, "owner", cast.program)
    item = WorkItem.objects.create(
        cohort=cast.cohort,
        kind=WorkKind.STALLED,
        owner=cast.program_manager,
        opened_at=timezone.now(),
        match=cast.match,
    )

    hand_over(
        grant=cast.program_manager.grants.get(role="owner"),
        successor=second,
        actor=second,
        now=timezone.now(),
    )

    item.refresh_from_db()
    assert item.owner == cast.program_manager
    assert not Message.objects.filter(kind="programs.handed_over").exists()  # took it themselves


def test_stand_in_is_told_unless_they_said_so_themselves_or_it_is_over(cast, second):
    today = timezone.now().date()
    days = {"starts_on": today, "ends_on": today + timedelta(days=5)}
    given = {"program": cast.program, "away": cast.program_manager, "covered_by": second, **days}
    cover = set_cover(**given, actor=second, now=timezone.now())
    assert not Message.objects.filter(kind="programs.standing_in").exists()
    remove_cover(cover=cover, actor=second, now=timezone.now())

    cover = set_cover(**given, actor=cast.program_manager, now=timezone.now())

    message = Message.objects.get(kind="programs.standing_in")
    assert message.recipient == second
    assert "You stand in for Marta Kowalczyk" in letter(message).text
    kind = registry.get(message.kind)
    remove_cover(cover=cover, actor=second, now=timezone.now())
    assert "taken back" in kind.is_still_due(message, timezone.now())


def test_whoever_is_given_a_role_by_another_hears_of_it(cast, second):
    given = {"program": cast.program, "now": timezone.now()}
    grant_role(person=cast.stranger, role="manager", actor=None, **given)
    assert not Message.objects.filter(kind="programs.role_given").exists()
    made = grant_role(person=cast.stranger, role="owner", actor=second, **given)
    grant_role(person=cast.stranger, role="owner", actor=second, **given)

    message = Message.objects.get(kind="programs.role_given")
    assert message.recipient == cast.stranger
    text = letter(message).text
    assert "Sue Second gave you a role in" in text
    assert "weekly summary" in text
    made.delete()
    kind = registry.get(message.kind)
    assert "taken back" in kind.is_still_due(message, timezone.now())
