"""Enrolling by hand, moving between states, capacity, and the ladder of levels."""

import pytest
from django.urls import reverse

from accounts.models import Level, Role, User
from audit.models import AuditEvent
from core.errors import Conflict, DomainError, NotAllowed
from participants.models import Enrolment, EnrolmentStatus
from participants.services.enrolling import ALLOWED, enrol_person, move_enrolment, set_capacity
from participants.services.ladder import extend_ladder
from tests.conftest import NOW, enrol, grant, make_person


def enrol_by_mail(cast, email="new@example.org", role="mentor", **fields):
    return enrol_person(
        cohort=cast.cohort, email=email, role=role, actor=cast.program_manager, now=NOW, **fields
    )


def test_enrol_person_who_is_new_makes_an_account_without_password(cast):
    enrolment = enrol_by_mail(cast, " New@Example.org ", first_name="Nia", last_name="New")
    user = enrolment.user
    assert (user.email, str(user), user.name_key) == ("new@example.org", "Nia New", "new nia")
    assert not user.has_usable_password()
    assert user.profile.bio == ""
    assert (enrolment.status, enrolment.capacity, enrolment.source) == ("enrolled", 1, "manager")
    event = AuditEvent.objects.get(action="participants.enrolled")
    assert (event.actor_id, event.program_id) == (cast.program_manager.pk, cast.program.pk)
    assert event.detail == {"cohort": cast.cohort.pk, "user": user.pk, "role": "mentor"}


def test_enrol_person_who_has_an_account_keeps_their_name(cast):
    enrolment = enrol_by_mail(cast, "SAM@example.org", first_name="Other", capacity=3)
    assert enrolment.user == cast.stranger
    assert (User.objects.get(pk=cast.stranger.pk).first_name, enrolment.capacity) == ("Sam", 3)


def test_enrol_person_twice_is_a_conflict_and_the_other_role_is_not(cast):
    with pytest.raises(Conflict, match="Daniel Osei is in this cohort as mentor already"):
        enrol_by_mail(cast, "daniel@example.org")
    assert enrol_by_mail(cast, "daniel@example.org", role="mentee", capacity=4).capacity == 1


def test_enrol_person_whose_account_is_off_or_whose_cohort_is_over_refuses(cast):
    make_person("off@example.org", "Olaf Off", is_active=False)
    with pytest.raises(DomainError, match="switched off"):
        enrol_by_mail(cast, "off@example.org")
    cast.cohort.status = "completed"
    with pytest.raises(DomainError, match="This cohort is over"):
        enrol_by_mail(cast)
    assert not User.objects.filter(email="new@example.org").exists()


@pytest.mark.parametrize("before", EnrolmentStatus.values)
@pytest.mark.parametrize("after", EnrolmentStatus.values)
def test_move_enrolment_follows_the_table(cast, before, after):
    enrolment = enrol(cast.cohort, cast.stranger, "mentor", status=before)
    if after in ALLOWED[before]:
        moved = move_enrolment(enrolment=enrolment, to=after, actor=None, now=NOW)
        assert (moved.status, moved.status_changed_at) == (after, NOW)
        assert AuditEvent.objects.get().detail == {"from": before, "to": after}
    else:
        with pytest.raises(DomainError, match="cannot become"):
            move_enrolment(enrolment=enrolment, to=after, actor=None, now=NOW)
        assert Enrolment.objects.get(pk=enrolment.pk).status == before


def test_move_enrolment_out_of_a_match_refuses_and_pausing_is_fine(cast):
    with pytest.raises(DomainError, match="Priya Raman is in a match"):
        move_enrolment(enrolment=cast.mentee_enrolment, to="withdrawn", actor=None, now=NOW)
    paused = move_enrolment(enrolment=cast.mentee_enrolment, to="paused", actor=None, now=NOW)
    assert paused.status == "paused"


@pytest.mark.parametrize("capacity", [1, 5, 20])
def test_set_capacity_of_a_mentor_changes_it(cast, capacity):
    set_capacity(enrolment=cast.mentor_enrolment, capacity=capacity, actor=None, now=NOW)
    assert Enrolment.objects.get(pk=cast.mentor_enrolment.pk).capacity == capacity
    assert AuditEvent.objects.get().detail == {"from": 2, "to": capacity}


@pytest.mark.parametrize(
    ("who", "capacity", "code"),
    [
        ("mentee", 2, "mentee_has_one"),
        ("mentor", 21, "capacity_range"),
        ("mentor", -1, "capacity_range"),
        ("mentor", 0, "capacity_in_use"),
    ],
)
def test_set_capacity_that_cannot_be_refuses(cast, who, capacity, code):
    with pytest.raises(DomainError) as caught:
        set_capacity(
            enrolment=getattr(cast, f"{who}_enrolment"), capacity=capacity, actor=None, now=NOW
        )
    assert (caught.value.code, caught.value.field) == (code, "capacity")


def ladder() -> list[tuple[str, int]]:
    return list(Level.objects.values_list("name", "rank"))


def test_extend_ladder_from_nothing_numbers_from_low_to_high(cast):
    extend_ladder(names=["AA", " AO ", "", "aa", "Grade  7"], actor=None, now=NOW)
    assert ladder() == [("AA", 1), ("AO", 2), ("Grade 7", 3)]
    assert AuditEvent.objects.filter(action="accounts.level_added").count() == 3


@pytest.mark.parametrize(
    ("names", "after"),
    [
        (["heo", "SEO", "G7"], [("EO", 10), ("HEO", 20), ("SEO", 21), ("G7", 22)]),
        (["AA", "eo"], [("AA", 1), ("EO", 2), ("HEO", 3)]),
        (["EO", "Mid"], [("EO", 1), ("Mid", 2), ("HEO", 3)]),
        (["SCS1"], [("EO", 10), ("HEO", 20), ("SCS1", 21)]),
        (["EO", "HEO"], [("EO", 10), ("HEO", 20)]),
    ],
)
def test_extend_ladder_puts_new_levels_beside_their_neighbours(cast, names, after):
    for name, rank in (("EO", 10), ("HEO", 20)):
        Level.objects.create(name=name, rank=rank)
    extend_ladder(names=names, actor=None, now=NOW)
    assert ladder() == after


@pytest.mark.parametrize("names", [["HEO", "EO"], [], ["x" * 61], ["", " "]])
def test_extend_ladder_with_a_wrong_list_refuses_and_changes_nothing(cast, names):
    for name, rank in (("EO", 1), ("HEO", 2)):
        Level.objects.create(name=name, rank=rank)
    with pytest.raises(DomainError):
        extend_ladder(names=names, actor=None, now=NOW)
    assert ladder() == [("EO", 1), ("HEO", 2)]


def test_extend_ladder_is_for_it_and_owners_of_the_organisation(cast):
    with pytest.raises(NotAllowed):
        extend_ladder(names=["AA"], actor=cast.program_manager, now=NOW)
    extend_ladder(names=["AA"], actor=cast.it_administrator, now=NOW)
    grant(cast.stranger, Role.OWNER, None)
    extend_ladder(names=["AB"], actor=cast.stranger, now=NOW)
    assert ladder() == [("AA", 1), ("AB", 2)]


def test_ladder_page_shows_the_levels_asked_for_and_adds_them_in_their_places(cast):
    Level.objects.all().delete()
    extend_ladder(names=["AA", "SEO"], actor=None, now=NOW)
    client, url = cast.client("it_administrator"), reverse("participants:levels")

    page = client.get(f"{url}?add=HEO&add=aa").content.decode()
    added = client.post(url, {"levels": "AA\nHEO\nSEO"}, follow=True)
    refused = client.post(url, {"levels": "SEO\nAA"})

    assert "AA\nSEO\nHEO</textarea>" in page
    assert "1 level is added to the ladder." in added.content.decode()
    assert list(Level.objects.values_list("name", flat=True)) == ["AA", "HEO", "SEO"]
    assert refused.status_code == 422
    assert "in another order" in refused.content.decode()
    assert cast.client("program_manager").get(url).status_code == 403
