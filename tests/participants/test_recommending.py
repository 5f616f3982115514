"""Recommend a colleague: who may, what the managers make of it, and who learns of it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from core.errors import DomainError
from notifications import registry
from notifications.models import Message
from participants.models import Enrolment, Recommendation
from participants.selectors import open_recommendations
from participants.services.recommending import (
    close_recommendation,
    forget_recommendations,
    invite_recommended,
    recommend,
    take_recommendation_back,
)
from programs.models import Cohort, Program
from tests.conftest import NOW, enrol, make_cohort, make_person
from tests.participants.joining import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(cast) -> Enrolment:
    cohort = make_cohort(cast.program, "Spring", status="enrolling")
    return enrol(cohort, cast.mentee, "mentee")


def named(place, email="nele@example.org", **fields) -> Recommendation:
    words = {"role": "mentor", "name": "Nele Known", "reason": "Explains well.", "may_name": True}
    return recommend(enrolment=place, email=email, now=NOW, **{**words, **fields})


def test_recommended_colleague_is_invited_with_the_name_of_who_thought_of_them(cast, place):
    row = named(place, " Nele@Example.org ")
    assert Message.objects.filter(kind="participants.invitation").count() == 0

    assert invite_recommended(recommendation=row, actor=cast.program_manager, now=NOW)

    row.refresh_from_db()
    assert (row.state, row.decided_by) == ("invited", cast.program_manager)
    invited = Enrolment.objects.get(cohort=place.cohort, user__email="nele@example.org")
    assert (invited.role, invited.status) == ("mentor", "invited")
    mail = Message.objects.get(kind="participants.invitation")
    kind = registry.get(mail.kind)
    assert kind.is_still_due(mail, NOW) == ""
    assert kind.context(mail)["recommended_by"] == str(cast.mentee)


def test_invitation_does_not_name_who_did_not_want_it(cast, place):
    row = named(place, may_name=False)
    invite_recommended(recommendation=row, actor=cast.program_manager, now=NOW)

    mail = Message.objects.get(kind="participants.invitation")
    kind = registry.get(mail.kind)
    kind.is_still_due(mail, NOW)

    assert kind.context(mail)["recommended_by"] == ""


@pytest.mark.parametrize("status", ["invited", "declined", "withdrawn"])
def test_who_has_no_place_recommends_nobody(place, status):
    Enrolment.objects.filter(pk=place.pk).update(status=status)

    with pytest.raises(DomainError, match="or you are not in it"):
        named(place)


def test_cohort_that_gathers_nobody_takes_no_recommendation(place):
    Cohort.objects.filter(pk=place.cohort_id).update(status="pairing")

    with pytest.raises(DomainError, match="takes nobody any more"):
        named(place)


def test_oneself_and_the_same_person_twice_are_refused(cast, place):
    with pytest.raises(DomainError, match="your own address"):
        named(place, cast.mentee.email.upper())
    named(place)
    with pytest.raises(DomainError, match="recommended this person already"):
        named(place, "NELE@example.org")
    assert named(place, role="mentee").role == "mentee"
    with pytest.raises(IntegrityError, match="recommended_once"), transaction.atomic():
        Recommendation.objects.create(
            cohort=place.cohort, by=cast.mentee, role="mentor", email="nele@example.org",
            name="N", reason="", made_at=NOW,
        )  # fmt: skip


def test_eleventh_open_recommendation_waits(place):
    for n in range(10):
        named(place, f"p{n}@example.org")

    with pytest.raises(DomainError, match="10 of yours wait"):
        named(place, "p10@example.org")

    take_recommendation_back(recommendation=Recommendation.objects.first())
    assert named(place, "p10@example.org").state == "open"


def test_colleague_who_is_in_already_can_be_named_and_only_managers_see_that(cast, place):
    enrol(place.cohort, make_person("nele@example.org", "Nele Known"), "mentor")
    row = named(place)

    assert [found.is_in for found in open_recommendations(place.cohort)] == [True]
    assert not invite_recommended(recommendation=row, actor=cast.program_manager, now=NOW)
    assert (
        cast.client("mentee").get(reverse("participants:recommend", args=(place.pk,))).status_code
        == 200
    )


def test_put_aside_wipes_the_reason_and_tells_nobody(cast, place):
    row = named(place)

    close_recommendation(recommendation=row, actor=cast.program_manager, now=NOW)

    row.refresh_from_db()
    assert (row.state, row.reason) == ("closed", "")
    assert not Message.objects.filter(kind__startswith="participants").exists()
    with pytest.raises(DomainError, match="decided about this already"):
        take_recommendation_back(recommendation=row)
    with pytest.raises(DomainError, match="decided about this already"):
        invite_recommended(recommendation=row, actor=cast.program_manager, now=NOW)


def test_two_who_named_the_same_person_are_settled_by_one_invitation(cast, place):
    other = enrol(place.cohort, make_person("kim@example.org", "Kim Two"), "mentor")
    first, second = named(place), named(other)

    invite_recommended(recommendation=second, actor=cast.program_manager, now=NOW)

    first.refresh_from_db()
    assert first.state == "invited"
    assert Message.objects.filter(kind="participants.invitation").count() == 1


def test_recommendations_are_forgotten_when_the_cohort_gathers_nobody(place):
    named(place)
    assert forget_recommendations() == 0

    Cohort.objects.filter(pk=place.cohort_id).update(status="pairing")

    assert forget_recommendations() == 1
    assert not Recommendation.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_managers_at_once_one_invites_and_the_other_is_told(cast):
    cohort = make_cohort(cast.program, "Spring", status="enrolling")
    row = named(enrol(cohort, cast.mentee, "mentee"))

    def act():
        try:
            return invite_recommended(recommendation=row, actor=cast.program_manager, now=NOW)
        except DomainError as error:
            return error.code

    assert sorted(map(str, at_once(act, act))) == ["True", "decided"]


def test_pages_lead_from_where_one_stands_to_the_managers_and_back(cast, place):
    mentee, manager = cast.client("mentee"), cast.client("program_manager")
    page = reverse("participants:recommend", args=(place.pk,))
    assert page in mentee.get(reverse("enrolment_status", args=(place.pk,))).content.decode()

    sent = mentee.post(
        page,
        {
            "role": "mentor",
            "name": "Nele Known",
            "email": "nele@example.org",
            "reason": "Explains well.",
            "may_name": "on",
        },
    )
    assert sent.status_code == 302
    assert "Waits for the program managers" in mentee.get(page).content.decode()

    people = manager.get(reverse("participants:people", args=(place.cohort_id,)))
    assert "1 colleague is recommended." in people.content.decode()
    joining = reverse("participants:joining", args=(place.cohort_id,))
    assert "Explains well." in manager.get(joining).content.decode()
    row = Recommendation.objects.get()
    manager.post(reverse("participants:invite_recommended", args=(row.pk,)))

    assert "Explains well." not in manager.get(joining).content.decode()
    html = mentee.get(page).content.decode()
    assert "Invited" in html
    assert "Take back" not in html


def test_empty_form_names_what_is_missing(cast, place):
    page = cast.client("mentee").post(reverse("participants:recommend", args=(place.pk,)), {})

    assert page.status_code == 422
    assert set(page.context["form"].errors) == {"role", "name", "email", "reason"}


def test_pages_ask_the_same_number_of_queries_for_many(cast, place, django_assert_max_num_queries):
    for n in range(10):
        named(place, f"p{n}@example.org")

    mentee, manager = cast.client("mentee"), cast.client("program_manager")
    with django_assert_max_num_queries(8):
        mentee.get(reverse("participants:recommend", args=(place.pk,)))
    with django_assert_max_num_queries(12):
        manager.get(reverse("participants:joining", args=(place.cohort_id,)))


def test_peers_recommend_peers_only(cast):
    program = Program.objects.create(name="Equals", format="peer")
    cohort = make_cohort(program, "Spring", status="enrolling")
    place = enrol(cohort, cast.mentee, "mentee")
    page = reverse("participants:recommend", args=(place.pk,))

    form = cast.client("mentee").get(page).context["form"]
    assert [value for value, _label in form.fields["role"].choices] == ["mentee"]
    with pytest.raises(DomainError, match="nobody is a mentor"):
        named(place)


@pytest.mark.django_db(transaction=True)
def test_two_managers_who_invite_the_same_colleague_at_once_send_one_invitation(cast):
    cohort = make_cohort(cast.program, "Spring", status="enrolling")
    rows = [
        named(enrol(cohort, cast.mentee, "mentee")),
        named(enrol(cohort, make_person("kim@example.org", "Kim Two"), "mentor")),
    ]

    def act(row):
        try:
            return invite_recommended(recommendation=row, actor=cast.program_manager, now=NOW)
        except DomainError as error:
            return error.code

    done = at_once(*(lambda row=row: act(row) for row in rows))

    assert sorted(map(str, done)) == ["True", "decided"]
    assert Message.objects.filter(kind="participants.invitation").count() == 1
