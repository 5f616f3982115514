"""The line manager is told or asked, where the cohort says so, and sees dates at most."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import Conflict, DomainError
from notifications import registry
from notifications.models import Message
from participants.line_managers import line_token
from participants.models import Enrolment, LineContact, LineOverride, NamedLineManager
from participants.services import deciding, places
from participants.services.answering import begin, submit
from participants.services.enrolling import enrol_person, move_enrolment
from participants.services.line_managers import follow_line_managers, name_line_manager
from participants.services.links import make_link
from participants.services.staying import undo_withdrawal, withdraw
from programs.models import Program
from programs.services.cohorts import set_joining_rules
from programs.services.copying import copy_cohort
from tests.conftest import NOW, enrol, make_cohort, make_person
from tests.participants.conftest import csv_bytes

DAY = timedelta(days=1)


@pytest.fixture
def boss(db):
    return make_person("vera@example.org", "Vera Lindqvist")


@pytest.fixture
def person(boss):
    return make_person("lena@example.org", "Lena Hoffmann", manager=boss)


@pytest.fixture
def asking(cast):
    return make_cohort(
        cast.program,
        "Asks",
        status="enrolling",
        mentee_line_manager="asked",
        mentor_line_manager="told",
        enrolment_opens_on=NOW.date() - 5 * DAY,
        enrolment_closes_on=NOW.date() + 30 * DAY,
        starts_on=NOW.date() + 40 * DAY,
        ends_on=NOW.date() + 300 * DAY,
    )


def sign_up(cast, cohort, person, role="mentee") -> Enrolment:
    link = cohort.sign_up_links.filter(role=role).first() or make_link(
        cohort=cohort, role=role, actor=cast.program_manager, now=NOW
    )
    begin(link=link, user=person, now=NOW)
    return submit(user=person, cohort=cohort, role=role, answers={}, agrees=True, now=NOW)


def kinds(person) -> list[str]:
    rows = Message.objects.filter(recipient=person, kind__contains=".line_")
    return list(rows.order_by("id").values_list("kind", flat=True))


def test_sign_up_in_an_asking_cohort_waits_and_asks_once(cast, asking, person, boss):
    enrolment = sign_up(cast, asking, person)
    follow_line_managers(now=NOW)

    assert enrolment.status == "applied"
    assert kinds(boss) == ["participants.line_asked"]
    assert kinds(person) == []  # the form has said so


def test_approval_before_the_answer_is_refused_everywhere(cast, asking, person):
    enrolment = sign_up(cast, asking, person)
    page = cast.client("program_manager").get(
        reverse("participants:enrolment", args=(enrolment.pk,))
    )

    with pytest.raises(DomainError, match="asked first"):
        deciding.approve(enrolment=enrolment, actor=cast.program_manager, now=NOW)
    with pytest.raises(DomainError, match="asked first"):
        move_enrolment(enrolment=enrolment, to="enrolled", actor=None, now=NOW)
    with pytest.raises(IntegrityError, match="line_manager_first"), transaction.atomic():
        Enrolment.objects.filter(pk=enrolment.pk).update(status="enrolled")
    with pytest.raises(IntegrityError, match="line_manager_first"), transaction.atomic():
        enrol(asking, make_person("x@example.org", "X Y"), "mentee")
    assert "Yes, let them in" not in page.content.decode()
    assert "Vera Lindqvist" in page.content.decode()


def test_line_manager_agrees_by_the_link_and_the_program_manager_decides(
    cast, asking, person, boss, at_now
):
    enrolment = sign_up(cast, asking, person)
    url = reverse("participants:line_manager", args=(line_token(LineContact.objects.get()),))
    client = Client()

    for looked in (client.get(url), client.head(url)):
        assert looked.status_code == 200
    assert LineContact.objects.get().state == "asked"
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"answer": "agree", "words": "Gladly."}).status_code == 302

    contact = LineContact.objects.get()
    assert (contact.state, contact.sentence.text) == ("agreed", "Gladly.")
    enrolment.refresh_from_db()
    assert enrolment.status == "applied"
    deciding.approve(enrolment=enrolment, actor=cast.program_manager, now=NOW)
    assert kinds(boss) == ["participants.line_asked"]  # they know the dates
    assert client.post(url, {"answer": "not_now"}).status_code == 422


def test_page_of_the_line_manager_shows_dates_and_no_partner(cast, boss):
    cast.mentee.manager = boss
    cast.mentee.save()
    cast.cohort.mentee_line_manager = "told"
    cast.cohort.save()
    follow_line_managers(now=NOW)
    url = reverse("participants:line_manager", args=(line_token(LineContact.objects.get()),))
    words = Client().get(url).content.decode()

    assert "Priya Raman" in words
    assert "28 June 2027" in words
    assert "about 60 minutes every 14 days" in words
    assert "Daniel" not in words
    assert "I agree" not in words
    assert cast.client("mentor").get(url).status_code == 403
    assert Client().post(url, {"answer": "not_now"}).status_code == 422


def test_yes_lets_in_whom_nobody_has_to_look_at(cast, asking, person):
    asking.needs_approval = False
    asking.save()
    enrolment = sign_up(cast, asking, person)
    deciding.take_line_manager_answer(
        contact=LineContact.objects.get(), agrees=True, words="", now=NOW
    )

    enrolment.refresh_from_db()
    assert enrolment.status == "enrolled"


def test_not_now_is_told_to_managers_alone_and_they_decide_with_a_reason(
    cast, asking, person, boss
):
    enrolment = sign_up(cast, asking, person)
    deciding.take_line_manager_answer(
        contact=LineContact.objects.get(), agrees=False, words="Year end.", now=NOW
    )
    own = Client()
    own.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    page = own.get(reverse("enrolment_status", args=(enrolment.pk,))).content.decode()
    manager = cast.client("program_manager")
    desk = manager.get(reverse("participants:enrolment", args=(enrolment.pk,))).content.decode()
    url = reverse("participants:line_override", args=(enrolment.pk,))

    assert "Year end." not in page
    assert "Not now" not in page
    assert "Year end." in desk
    assert manager.post(url, {"override-reason": ""}).status_code == 422
    assert manager.post(url, {"override-reason": "Agreed by phone."}).status_code == 302
    enrolment.refresh_from_db()
    assert enrolment.status == "enrolled"
    assert LineOverride.objects.get().reason == "Agreed by phone."
    acts = AuditEvent.objects.filter(action__startswith="participants.line_").order_by("id")
    assert list(acts.values_list("action", flat=True)) == [
        "participants.line_asked",
        "participants.line_not_now",
        "participants.line_overridden",
        "participants.line_told",
    ]
    assert "phone" not in str(list(acts.values_list("detail", flat=True)))


def test_told_after_the_yes_once_and_never_in_words(cast, asking, person, boss):
    enrolment = sign_up(cast, asking, person, "mentor")
    assert kinds(boss) == []
    deciding.approve(enrolment=enrolment, actor=cast.program_manager, now=NOW)
    follow_line_managers(now=NOW + DAY)

    assert kinds(boss) == ["participants.line_told"]
    assert Message.objects.get(kind="participants.line_told").due_at == NOW


def test_imported_people_read_it_three_days_before_their_line_manager(
    cast, asking, person, boss, importer
):
    importer.cast.cohort = asking
    run = importer.preview(csv_bytes(("email",), ("lena@example.org",)), "mentee")
    importer.confirm(run)
    follow_line_managers(now=NOW)

    assert Enrolment.objects.get(user=person).status == "applied"
    assert kinds(person) == ["participants.line_ahead"]
    assert Message.objects.get(recipient=boss).due_at == NOW + 3 * DAY


def test_new_line_manager_is_asked_and_the_old_link_dies(cast, asking, person, boss):
    sign_up(cast, asking, person)
    old = LineContact.objects.get()
    new = make_person("nils@example.org", "Nils Berg")
    person.manager = new
    person.save()
    url = reverse("participants:line_manager", args=(line_token(old),))

    assert Client().get(url).status_code == 404  # at once, before any sweep
    follow_line_managers(now=NOW)
    assert kinds(new) == ["participants.line_asked"]
    old.refresh_from_db()
    assert old.closed_at == NOW
    with pytest.raises(Conflict):
        deciding.take_line_manager_answer(contact=old, agrees=True, words="", now=NOW)


def test_reminder_goes_once_after_five_working_days(cast, asking, person, boss):
    sign_up(cast, asking, person)  # on a Wednesday

    follow_line_managers(now=NOW + 6 * DAY)
    assert kinds(boss) == ["participants.line_asked"]
    follow_line_managers(now=NOW + 7 * DAY)
    follow_line_managers(now=NOW + 8 * DAY)
    assert kinds(boss) == ["participants.line_asked", "participants.line_asked"]


def test_who_leaves_takes_the_link_along_and_comes_back_to_ask_again(cast, asking, person):
    enrolment = sign_up(cast, asking, person)
    contact = LineContact.objects.get()
    message = Message.objects.get(kind="participants.line_asked")
    withdraw(enrolment=enrolment, actor=person, now=NOW)
    kind = registry.get("participants.line_asked")

    assert Client().get(f"/people/line/{line_token(contact)}/").status_code == 404
    assert kind.is_still_due(message, NOW)
    follow_line_managers(now=NOW)
    back = undo_withdrawal(enrolment=enrolment, actor=person, now=NOW)
    assert back.status == "applied"


def test_named_line_manager_is_of_the_persons_own_domain(cast, asking, person):
    person.manager = None
    person.save()
    enrolment = sign_up(cast, asking, person)

    with pytest.raises(DomainError, match=r"example\.org"):
        name_line_manager(enrolment=enrolment, email="a@mail.test", actor=person, now=NOW)
    with pytest.raises(DomainError, match="own manager"):
        name_line_manager(enrolment=enrolment, email=person.email, actor=person, now=NOW)
    name_line_manager(enrolment=enrolment, email="Kim@example.org", actor=person, now=NOW)

    assert NamedLineManager.objects.get().manager.email == "kim@example.org"
    assert kinds(NamedLineManager.objects.get().manager) == ["participants.line_asked"]


def test_discreet_program_tells_no_line_manager(cast, asking):
    cast.program.is_discreet = True
    with pytest.raises(ValidationError):
        cast.program.full_clean()
    with pytest.raises(IntegrityError, match="discreet_line_manager"), transaction.atomic():
        cast.program.save()
    discreet = Program.objects.create(name="Return", is_discreet=True)
    with pytest.raises(IntegrityError, match="discreet_line_manager"), transaction.atomic():
        make_cohort(discreet, mentor_line_manager="told")
    quiet = make_cohort(discreet)
    with pytest.raises(DomainError, match="discreet"):
        set_joining_rules(cohort=quiet, actor=None, now=NOW, mentee_line_manager="asked")
    copied = copy_cohort(
        source=asking,
        program=discreet,
        name="Copy",
        starts_on=asking.starts_on,
        actor=None,
        now=NOW,
    )
    assert copied.mentee_line_manager == "not_told"
    with pytest.raises(IntegrityError, match="line_manager_untold"), transaction.atomic():
        LineContact.objects.create(
            enrolment=enrol(quiet, cast.stranger, "mentee"),
            manager=cast.mentor,
            state="told",
            opened_at=NOW,
            expires_at=NOW + DAY,
        )


def test_waitlist_offers_places_only_to_people_whose_line_manager_agreed(cast, asking, person):
    waiting = enrol(asking, person, "mentee", status="waitlisted")

    with pytest.raises(DomainError, match="asked first"):
        places.offer_place(enrolment=waiting, actor=cast.program_manager, now=NOW)
    assert not places.waitlist(asking, "mentee").exists()


def test_adding_by_hand_waits_for_the_line_manager_too(cast, asking, person):
    made = enrol_person(cohort=asking, email=person.email, role="mentee", actor=None, now=NOW)

    assert made.status == "applied"
