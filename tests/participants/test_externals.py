"""People from outside in cohorts: where they are taken, how they come, what they see, the end."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from core.errors import DomainError
from notifications import registry
from notifications.models import Message
from participants.models import (
    Confidentiality,
    ConfidentialityText,
    Enrolment,
    Invitation,
    SignUpLink,
)
from participants.services.answering import begin
from participants.services.enrolling import enrol_person, move_enrolment
from participants.services.external_reminders import remind_of_ends
from participants.services.externals import invite_external, prolong, welcome_external
from programs.models import Program
from support.models import WorkItem
from support.services import raise_items
from support.services.helping import Named, name_contacts
from tests.accounts.test_externals import UNTIL, make_external
from tests.conftest import NOW, enrol, make_match, make_person
from tests.participants.conftest import problems


def refused(code: str):
    return pytest.raises(DatabaseError, match=code)


@pytest.fixture
def taking(cast):
    """The cast, in a program that takes mentors from outside."""
    Program.objects.filter(pk=cast.program.pk).update(externals="mentors")
    cast.program.refresh_from_db()
    cast.cohort.program = cast.program
    return cast


@pytest.fixture
def external(taking) -> User:
    return make_external(taking.program_manager)


def test_external_where_the_program_takes_none_is_refused_on_every_way_in(cast, importer):
    person = make_external(cast.program_manager)
    known = {"cohort": cast.cohort, "email": person.email, "now": NOW}

    with refused("enrolment_external"), transaction.atomic():
        enrol(cast.cohort, person, "mentor")
    with pytest.raises(DomainError, match="takes nobody from outside in this role"):
        enrol_person(**known, role="mentor", actor=cast.program_manager)
    link = SignUpLink.objects.create(
        cohort=cast.cohort,
        role="mentor",
        token="t",
        created_by=cast.program_manager,
        created_at=NOW,
    )
    link.cohort.status = "enrolling"
    link.cohort.enrolment_closes_on = NOW.date() + timedelta(days=9)
    link.cohort.save()
    with pytest.raises(DomainError, match="takes nobody from outside in this role"):
        begin(link=link, user=person, now=NOW)
    typed = {"cohort": cast.cohort.pk, "role": "mentor", "email": person.email, "capacity": 1}
    page = cast.client("program_manager").post(reverse("admin:participants_enrolment_add"), typed)
    assert "takes nobody from outside in this role" in page.content.decode()
    run = importer.rows(["E-mail", "First name"], [person.email, "Ada"])
    assert problems(run) == {2: ["external_not_taken"]}
    assert not Enrolment.objects.filter(user=person).exists()


def test_external_as_mentee_needs_a_program_that_takes_both(taking, external):
    with refused("enrolment_external"), transaction.atomic():
        enrol(taking.cohort, external, "mentee")
    Program.objects.filter(pk=taking.program.pk).update(externals="both")

    assert enrol(taking.cohort, external, "mentee").role == "mentee"


def test_program_that_has_externals_cannot_close_to_them(taking, external):
    place = enrol(taking.cohort, external, "mentor")
    with refused("program_externals"), transaction.atomic():
        Program.objects.filter(pk=taking.program.pk).update(externals="nobody")

    Enrolment.objects.filter(pk=place.pk).update(status="withdrawn")
    Program.objects.filter(pk=taking.program.pk).update(externals="nobody")

    with pytest.raises(DomainError, match="takes nobody from outside"):
        move_enrolment(enrolment=place, to="enrolled", actor=taking.program_manager, now=NOW)
    with refused("enrolment_external"), transaction.atomic():
        Enrolment.objects.filter(pk=place.pk).update(status="enrolled")


def test_admin_says_why_a_program_cannot_close_to_externals(taking, external):
    enrol(taking.cohort, external, "mentor")
    client, page = taking.client("program_manager"), "admin:programs_program_change"

    answer = client.post(
        reverse(page, args=[taking.program.pk]),
        {
            "name": "Rising Leaders",
            "format": "one_to_one",
            "externals": "nobody",
            "screens_before_yes": "on",
            "screening_steps-TOTAL_FORMS": "0",
            "screening_steps-INITIAL_FORMS": "0",
        },
    )

    assert "People from outside are in a cohort of this program." in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_enrolling_and_closing_tried_from_two_connections_lets_one_in(taking, external):
    barrier, outcomes = threading.Barrier(2), []

    def act(work):
        try:
            barrier.wait(5)
            with transaction.atomic():
                work()
            outcomes.append("done")
        except DatabaseError as error:
            outcomes.append("refused" if "external" in str(error) else str(error))
        finally:
            connection.close()

    works = (
        lambda: enrol(taking.cohort, external, "mentor"),
        lambda: Program.objects.filter(pk=taking.program.pk).update(externals="nobody"),
    )
    threads = [threading.Thread(target=act, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["done", "refused"]


def invite(cast, **fields):
    values = {
        "cohort": cast.cohort,
        "role": "mentor",
        "email": "eve@partner.example",
        "first_name": "Eve",
        "last_name": "Partner",
        "organisation": "Partner Ltd",
        "until": None,
        "voucher": "priya@example.org",
        "actor": cast.program_manager,
        "now": NOW,
    }
    return invite_external(**{**values, **fields})


def test_invite_external_makes_a_limited_account_and_writes_to_them(taking):
    made = invite(taking)

    assert (made.status, made.role) == ("invited", "mentor")
    person = made.user
    assert (person.organisation, person.vouched_by) == ("Partner Ltd", taking.mentee)
    assert person.works_until == taking.cohort.ends_on + timedelta(days=30)
    assert Invitation.objects.filter(enrolment=made).count() == 1
    message = Message.objects.get(kind="participants.invitation")
    assert message.recipient == person


def test_invite_external_refuses_what_cannot_be(taking, external):
    with pytest.raises(DomainError, match="takes nobody from outside in this role"):
        invite(taking, role="mentee")
    with pytest.raises(DomainError, match="Nobody here has this e-mail"):
        invite(taking, voucher="nobody@example.org")
    with pytest.raises(DomainError, match="can vouch"):
        invite(taking, voucher=external.email)
    with pytest.raises(DomainError, match="is of somebody of the organisation"):
        invite(taking, email="sam@example.org")
    with pytest.raises(DomainError, match="This day has passed"):
        invite(taking, until=NOW.date() - timedelta(days=1))
    assert not User.objects.filter(email="eve@partner.example").exists()


def test_invite_external_who_has_an_account_prolongs_it_and_never_shortens(taking, external):
    invite(taking, email=external.email, until=date(2027, 12, 1))
    external.refresh_from_db()
    assert external.works_until == date(2027, 12, 1)
    assert external.organisation == "Alumni"

    Enrolment.objects.filter(user=external).delete()
    invite(taking, email=external.email, until=date(2027, 1, 1))
    external.refresh_from_db()
    assert external.works_until == date(2027, 12, 1)


def test_joining_page_invites_somebody_from_outside_where_the_program_takes_some(cast):
    client = cast.client("program_manager")
    page = reverse("participants:joining", args=[cast.cohort.pk])
    assert "Somebody from outside" not in client.get(page).content.decode()
    Program.objects.filter(pk=cast.program.pk).update(externals="mentors")
    assert "Somebody from outside" in client.get(page).content.decode()

    url = reverse("participants:invite_external", args=[cast.cohort.pk])
    typed = {
        "external-role": "mentor",
        "external-email": "eve@partner.example",
        "external-first_name": "Eve",
        "external-organisation": "Partner Ltd",
        "external-voucher": "marta@example.org",
    }
    wrong = client.post(url, {**typed, "external-voucher": "nobody@example.org"})
    assert wrong.status_code == 422
    assert "Nobody here has this e-mail" in wrong.content.decode()
    assert client.post(url, {**typed, "external-role": "mentee"}).status_code == 422
    assert client.post(url, typed)["Location"] == page
    assert "External · Partner Ltd" in client.get(page).content.decode()


def test_lists_and_match_pages_mark_somebody_from_outside(taking, external):
    place = enrol(taking.cohort, external, "mentor")
    friend = make_person("bo@example.org", "Bo Mentee", department="Finance")
    mentee = enrol(taking.cohort, friend, "mentee", accepts_external=True)
    match = make_match(place, mentee)
    pill = "External · Alumni"
    manager = taking.client("program_manager")

    for url in (
        reverse("participants:people", args=[taking.cohort.pk]),
        reverse("participants:enrolment", args=[place.pk]),
        reverse("match", args=[match.pk]),
    ):
        assert pill in manager.get(url).content.decode()
    taking.mentee = friend
    for url in (
        reverse("home"),
        reverse("match", args=[match.pk]),
        reverse("participants:person", args=[external.pk]),
    ):
        assert pill in taking.client("mentee").get(url).content.decode()


def test_external_sees_only_the_own_match_and_nothing_internal_of_the_partner(taking, external):
    place = enrol(taking.cohort, external, "mentor")
    friend = make_person("bo@example.org", "Bo Mentee", department="Finance", employee_id="E 7")
    User.objects.filter(pk=friend.pk).update(manager=taking.stranger)
    match = make_match(place, enrol(taking.cohort, friend, "mentee", accepts_external=True))
    taking.stranger = external
    client = taking.client("stranger")

    page = client.get(reverse("participants:person", args=[friend.pk])).content.decode()
    seen = page + client.get(reverse("match", args=[match.pk])).content.decode()
    assert "Bo Mentee" in page
    assert not [word for word in ("Finance", "E 7", "Sam Stranger") if word in seen]
    assert client.get(reverse("participants:person", args=[taking.mentor.pk])).status_code == 404
    assert client.get(reverse("match", args=[taking.match.pk])).status_code == 404
    assert client.get(reverse("participants:people", args=[taking.cohort.pk])).status_code == 403
    inside = taking.client("mentor").get(reverse("participants:person", args=[taking.mentee.pk]))
    assert "Finance" in inside.content.decode()


def test_line_managers_of_externals_are_neither_asked_nor_waited_for(taking, external):
    type(taking.cohort).objects.filter(pk=taking.cohort.pk).update(mentor_line_manager="asked")
    taking.cohort.refresh_from_db()

    made = enrol_person(
        cohort=taking.cohort,
        email=external.email,
        role="mentor",
        actor=taking.program_manager,
        now=NOW,
    )

    assert made.status == "enrolled"
    assert not made.line_contacts.exists()


def ends_on(person, day):
    User.objects.filter(pk=person.pk).update(works_until=day)


def test_end_is_told_a_fortnight_before_once_and_again_after_prolonging(taking, external):
    place = enrol(taking.cohort, external, "mentor")
    User.objects.filter(pk=external.pk).update(vouched_by=taking.mentee)
    ends_on(external, NOW.date() + timedelta(days=15))
    assert remind_of_ends(now=NOW) == 0

    ends_on(external, NOW.date() + timedelta(days=14))
    first = remind_of_ends(now=NOW)
    assert remind_of_ends(now=NOW) == 0
    told = set(Message.objects.values_list("kind", "recipient__email"))
    assert ("participants.account_ends", external.email) in told
    assert {
        ("participants.external_ends", "priya@example.org"),
        ("participants.external_ends", "marta@example.org"),
    } <= told
    assert first == len(told)
    for message in Message.objects.all():
        kind = registry.get(message.kind)
        assert kind.is_still_due(message, NOW) == ""
        assert kind.context(message)["day"] == NOW.date() + timedelta(days=14)

    prolong(enrolment=place, until=None, actor=taking.program_manager, now=NOW)
    message = Message.objects.filter(kind="participants.account_ends").get()
    assert registry.get(message.kind).is_still_due(message, NOW) == (
        "The account does not end on this day any more."
    )


def test_who_only_vouches_reads_of_no_program(taking, external):
    enrol(taking.cohort, external, "mentor")
    User.objects.filter(pk=external.pk).update(vouched_by=taking.stranger)
    ends_on(external, NOW.date() + timedelta(days=3))
    remind_of_ends(now=NOW)

    message = Message.objects.get(recipient=taking.stranger)
    kind = registry.get(message.kind)
    assert kind.is_still_due(message, NOW) == ""
    assert kind.context(message) == {
        "person": external,
        "day": NOW.date() + timedelta(days=3),
        "is_manager": False,
        "url": kind.context(message)["url"],
    }
    assert "participants" not in kind.context(message)["url"]


def test_match_that_outlasts_the_account_is_queued_and_settled_by_prolonging(taking, external):
    place = enrol(taking.cohort, external, "mentor")
    friend = enrol(
        taking.cohort, make_person("bo@example.org", "Bo"), "mentee", accepts_external=True
    )
    make_match(place, friend)
    ends_on(external, NOW.date() + timedelta(days=15))
    raise_items(now=NOW)
    assert not WorkItem.objects.filter(kind="external").exists()

    ends_on(external, NOW.date() + timedelta(days=14))
    raise_items(now=NOW)
    raise_items(now=NOW)
    item = WorkItem.objects.get(kind="external")
    assert (item.enrolment, item.reasons) == (place, ["until=2026-12-02"])
    client = taking.client("program_manager")
    page = client.get(reverse("support:item", args=[item.pk])).content.decode()
    assert "The account works until 2 December, and the cohort goes on." in page

    url = reverse("participants:prolong", args=[place.pk])
    assert client.post(url, {"usual": "1"})["Location"] == reverse(
        "participants:enrolment", args=[place.pk]
    )
    external.refresh_from_db()
    assert external.works_until == taking.cohort.ends_on + timedelta(days=30)
    raise_items(now=NOW)
    item.refresh_from_db()
    assert item.outcome == "settled"
    assert AuditEvent.objects.filter(action="person.prolonged").count() == 1


def test_prolong_until_a_day_says_what_is_wrong_beside_the_field(taking, external):
    place = enrol(taking.cohort, external, "mentor")
    client, url = taking.client("program_manager"), "participants:prolong"
    url = reverse(url, args=[place.pk])

    early = client.post(url, {"prolong-until": UNTIL.isoformat()})
    assert early.status_code == 422
    assert "The account works until then already." in early.content.decode()
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"prolong-until": "2027-06-01"}).status_code == 302
    other = taking.client("other_program_manager").post(url, {"usual": "1"})
    assert other.status_code == 404


def test_mentee_says_whether_a_mentor_from_outside_is_fine(taking):
    client, place = taking.client("mentee"), taking.mentee_enrolment
    status = reverse("enrolment_status", args=[place.pk])
    url = reverse("participants:welcome", args=[place.pk])
    assert "A mentor from outside is fine with me" in client.get(status).content.decode()

    client.post(url, {"accepts_external": "on"})
    place.refresh_from_db()
    assert place.accepts_external is True
    client.post(url, {})
    place.refresh_from_db()
    assert place.accepts_external is False
    assert [
        event.action
        for event in AuditEvent.objects.filter(action__contains="welcome").order_by("pk")
    ] == [
        "participants.external_welcome",
        "participants.external_unwelcome",
    ]
    with pytest.raises(DomainError, match="asked of mentees"):
        welcome_external(enrolment=taking.mentor_enrolment, is_fine=True, now=NOW)
    Program.objects.filter(pk=taking.program.pk).update(externals="nobody")
    with pytest.raises(DomainError, match="no mentors from outside"):
        welcome_external(enrolment=place, is_fine=True, now=NOW)
    assert "A mentor from outside" not in client.get(status).content.decode()


def test_form_asks_mentees_only_where_the_program_takes_mentors_from_outside(cast):
    today = timezone.now().date()
    type(cast.cohort).objects.filter(pk=cast.cohort.pk).update(
        status="enrolling",
        enrolment_opens_on=today - timedelta(days=2),
        enrolment_closes_on=today + timedelta(days=9),
        starts_on=today + timedelta(days=20),
        ends_on=today + timedelta(days=300),
    )
    client = cast.client("mentee")
    url = reverse("participants:apply", args=[cast.cohort.pk, "mentee"])
    asks = "A mentor from outside is fine with me."
    assert asks not in client.get(url).content.decode()
    Program.objects.filter(pk=cast.program.pk).update(externals="mentors")
    assert asks in client.get(url).content.decode()
    mentors = reverse("participants:apply", args=[cast.cohort.pk, "mentor"])
    assert asks not in cast.client("mentor").get(mentors).content.decode()

    client.post(url, {"agrees": "on", "accepts_external": "on"})

    cast.mentee_enrolment.refresh_from_db()
    assert cast.mentee_enrolment.accepts_external is True


def test_words_of_the_program_come_before_anything_else_and_again_when_they_change(
    taking, external
):
    enrol(taking.cohort, external, "mentor")
    taking.stranger = external
    client, page = taking.client("stranger"), reverse("participants:confidence")
    assert client.get(reverse("home")).status_code == 200
    assert client.get(page)["Location"] == reverse("home")

    rows = Program.objects.filter(pk=taking.program.pk)
    rows.update(confidentiality_text="What you hear stays with you.")
    answer = client.get(reverse("participants:me"))
    assert answer["Location"] == f"{page}?next=%2Fpeople%2Fme%2F"
    shown = client.get(answer["Location"])
    assert "What you hear stays with you." in shown.content.decode()
    digest = shown.context["programs"][0].digest
    assert client.post(page, {"text": digest}).status_code == 422
    agreed = client.post(page, {"text": digest, "agrees": "on", "next": "/people/me/"})
    assert agreed["Location"] == "/people/me/"
    assert client.get(reverse("participants:me")).status_code == 200

    rows.update(confidentiality_text="Something else.")
    client.post(page, {"text": digest, "agrees": "on"})
    assert client.get(reverse("home"))["Location"].startswith(page)
    digest = client.get(page).context["programs"][0].digest
    outside = client.post(page, {"text": digest, "agrees": "on", "next": "https://evil.example/"})
    assert outside["Location"] == reverse("home")
    texts = ConfidentialityText.objects.order_by("version").values_list("version", "text")
    assert list(texts) == [(1, "What you hear stays with you."), (2, "Something else.")]
    assert Confidentiality.objects.filter(user=external).count() == 2
    assert taking.client("mentor").get(reverse("home")).status_code == 200


def test_import_makes_people_from_outside_whom_the_importer_vouches_for(taking, importer):
    head = ["E-mail", "First name", "External", "Home organisation", "Access until"]
    until = timezone.now().date() + timedelta(days=100)
    run = importer.rows(
        head,
        ["eve@partner.example", "Eve", "yes", "Partner Ltd", until.isoformat()],
        ["ben@partner.example", "Ben", "yes", "Partner Ltd", ""],
        ["ida@example.org", "Ida", "no", "", ""],
    )
    assert problems(run) == {}
    importer.confirm(run)

    rows = User.objects.filter(email__in=["eve@partner.example", "ben@partner.example"])
    told = list(rows.order_by("email").values_list("works_until", "organisation", "vouched_by"))
    manager = taking.program_manager.pk
    assert told == [
        (taking.cohort.ends_on + timedelta(days=30), "Partner Ltd", manager),
        (until, "Partner Ltd", manager),
    ]
    assert User.objects.get(email="ida@example.org").is_external is False


def test_import_names_row_and_remedy_of_what_cannot_be_of_somebody_from_outside(taking, importer):
    head = ["E-mail", "External", "Home organisation", "Access until"]
    run = importer.rows(
        head,
        ["a@partner.example", "yes", "", ""],
        ["b@partner.example", "perhaps", "Partner Ltd", ""],
        ["c@partner.example", "yes", "Partner Ltd", "2020-01-31"],
        ["d@example.org", "", "Partner Ltd", ""],
        ["sam@example.org", "yes", "Partner Ltd", ""],
    )

    assert problems(run) == {
        2: ["external_without"],
        3: ["not_yes_or_no"],
        4: ["external_day"],
        5: ["external_unsaid"],
        6: ["external_inside"],
    }


def test_external_is_no_contact_for_help(taking, external):
    named = {1: Named(taking.hr_analyst, "Works in HR.", external)}

    with pytest.raises(DomainError, match="Somebody from outside is no contact"):
        name_contacts(
            program=taking.program,
            contacts=named,
            signposts="",
            actor=taking.program_manager,
            now=NOW,
        )


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_people_asks_as_often_with_more_from_outside(
    taking, count, django_assert_num_queries
):
    for number in range(count):
        person = make_external(
            taking.program_manager, f"ada{number}@alumni.example", f"Ada {number}"
        )
        enrol(taking.cohort, person, "mentor")
    client = taking.client("program_manager")
    url = reverse("participants:people", args=[taking.cohort.pk])

    with django_assert_num_queries(7):
        client.get(url)
