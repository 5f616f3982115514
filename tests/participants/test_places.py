"""Places, the waitlist and its offers, pauses, leaving and coming back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.models import User
from core.errors import Conflict, DomainError
from notifications.models import Message
from participants.models import Enrolment, EnrolmentDraft, Invitation, PlaceOffer
from participants.selectors import waitlist_position
from participants.services.answering import submit
from participants.services.deciding import decline
from participants.services.enrolling import move_enrolment
from participants.services.places import (
    accept_offer,
    decline_offer,
    fill_free_places,
    free_places,
    offer_place,
)
from participants.services.staying import end_pause, plan_pause, undo_withdrawal, withdraw
from participants.services.waiting import sweep
from tests.conftest import NOW, enrol, make_person
from tests.participants.joining import at_once, begun, enrolling, joined

DAY = timedelta(days=1)


@pytest.fixture
def cohort(cast):
    return enrolling(cast, mentee_places=1)


def status_of(enrolment: Enrolment) -> str:
    return Enrolment.objects.values_list("status", flat=True).get(pk=enrolment.pk)


def outcomes() -> list[str]:
    return list(PlaceOffer.objects.order_by("pk").values_list("outcome", flat=True))


def waiting(cast, cohort, *names: str) -> list[Enrolment]:
    """Fill the one place, then let these people wait, in order."""
    first = joined(cast, cohort, "First")
    assert first.status == "enrolled"
    later = [
        joined(cast, cohort, name, now=NOW + timedelta(minutes=at))
        for at, name in enumerate(names, start=1)
    ]
    assert {person.status for person in later} == {"waitlisted"}
    return [first, *later]


def test_submit_beyond_the_places_waits_in_order_and_mentors_have_their_own(cast, cohort):
    _first, ada, bo = waiting(cast, cohort, "Ada", "Bo")

    assert [waitlist_position(person) for person in (ada, bo)] == [1, 2]
    assert joined(cast, cohort, "Mo", role="mentor").status == "enrolled"
    assert free_places(cohort, "mentee", now=NOW) == 0
    assert free_places(cohort, "mentor", now=NOW) is None


def test_withdrawing_offers_the_place_to_who_waits_longest(cast, cohort):
    first, ada, bo = waiting(cast, cohort, "Ada", "Bo")
    withdraw(enrolment=first, actor=first.user, now=NOW + DAY)
    offer = PlaceOffer.objects.get()

    assert (offer.enrolment, offer.expires_at) == (ada, NOW + 4 * DAY)
    assert Message.objects.filter(kind="participants.place_offered").get().recipient == ada.user
    assert free_places(cohort, "mentee", now=NOW + DAY) == 0
    assert accept_offer(offer=offer, actor=ada.user, now=NOW + 2 * DAY).status == "enrolled"
    assert status_of(bo) == "waitlisted"
    with pytest.raises(Conflict):
        accept_offer(offer=offer, actor=ada.user, now=NOW + 2 * DAY)


def test_declined_place_goes_to_the_next_and_its_person_to_the_end(cast, cohort):
    first, ada, bo = waiting(cast, cohort, "Ada", "Bo")
    withdraw(enrolment=first, actor=first.user, now=NOW + DAY)
    decline_offer(offer=PlaceOffer.objects.get(), actor=ada.user, now=NOW + DAY)

    assert outcomes() == ["declined", "open"]
    assert PlaceOffer.objects.get(outcome="open").enrolment == bo
    assert waitlist_position(Enrolment.objects.get(pk=ada.pk)) == 2


def test_sweep_lets_an_offer_run_out_and_asks_the_next(cast, cohort):
    first, ada, bo = waiting(cast, cohort, "Ada", "Bo")
    withdraw(enrolment=first, actor=first.user, now=NOW)
    late = NOW + 3 * DAY
    with pytest.raises(Conflict):
        accept_offer(offer=PlaceOffer.objects.get(), actor=ada.user, now=late)
    for _ in range(2):
        sweep(now=late)

    assert outcomes() == ["expired", "open"]
    assert PlaceOffer.objects.get(outcome="open").enrolment == bo
    assert status_of(ada) == "waitlisted"


def test_raised_limit_is_offered_by_the_sweep(cast, cohort):
    _first, ada, bo, _cy = waiting(cast, cohort, "Ada", "Bo", "Cy")
    cohort.mentee_places = 3
    cohort.save()
    sweep(now=NOW + DAY)

    offered = PlaceOffer.objects.order_by("pk").values_list("enrolment_id", flat=True)
    assert list(offered) == [ada.pk, bo.pk]


def test_offer_by_hand_may_go_beyond_the_places_and_the_sweep_may_not(cast, cohort):
    _first, ada = waiting(cast, cohort, "Ada")
    with pytest.raises(DomainError, match="No place"):
        offer_place(enrolment=ada, actor=None, now=NOW)
    offer_place(enrolment=ada, actor=cast.program_manager, now=NOW)
    with pytest.raises(DomainError, match="already"):
        offer_place(enrolment=ada, actor=cast.program_manager, now=NOW)


@pytest.mark.parametrize("to", ["enrolled", "withdrawn", "declined"])
def test_leaving_the_waitlist_another_way_takes_the_offer_back(cast, cohort, to):
    first, ada = waiting(cast, cohort, "Ada")
    withdraw(enrolment=first, actor=first.user, now=NOW)
    if to == "declined":
        decline(enrolment=ada, reason="Sorry", actor=cast.program_manager, now=NOW)
    else:
        move_enrolment(enrolment=ada, to=to, actor=cast.program_manager, now=NOW)

    assert outcomes() == ["taken_back"]
    with pytest.raises(Conflict):
        accept_offer(offer=PlaceOffer.objects.get(), actor=ada.user, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_people_and_one_place_at_the_same_moment_one_waits(cast):
    cohort = enrolling(cast, mentee_places=1)
    people = [make_person(f"racer{n}@example.org", f"Racer {n}") for n in range(2)]
    for person in people:
        begun(cast, cohort, "mentee", person)

    def join(person: User) -> str:
        enrolment = submit(
            user=User.objects.get(pk=person.pk),
            cohort=cohort,
            role="mentee",
            answers={},
            agrees=True,
            now=NOW,
        )
        return enrolment.status

    found = at_once(*(lambda person=person: join(person) for person in people))
    assert sorted(map(str, found)) == ["enrolled", "waitlisted"]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_the_same_moment_offer_one_place_once(cast):
    cohort = enrolling(cast, mentee_places=1)
    first, _ada, _bo = waiting(cast, cohort, "Ada", "Bo")
    Enrolment.objects.filter(pk=first.pk).update(status="withdrawn")

    def fill() -> int:
        return fill_free_places(cohort=cohort, role="mentee", now=NOW)

    assert sorted(at_once(fill, fill)) == [0, 1]
    assert outcomes() == ["open"]


def test_pause_from_today_rests_and_ends_by_itself(cast):
    enrolment = cast.mentor_enrolment
    last = date(2026, 11, 30)
    paused = plan_pause(
        enrolment=enrolment,
        actor=cast.mentor,
        now=NOW,
        pause_from=date(2026, 11, 18),
        pause_until=last,
    )
    assert paused.status == "paused"
    sweep(now=NOW + 12 * DAY)
    assert status_of(enrolment) == "paused"
    sweep(now=NOW + 13 * DAY)

    back = Enrolment.objects.get(pk=enrolment.pk)
    assert (back.status, back.pause_from, back.pause_until) == ("enrolled", None, None)


def test_pause_planned_for_later_begins_on_its_day_or_is_dropped(cast):
    for enrolment in (cast.mentor_enrolment, cast.mentee_enrolment):
        planned = plan_pause(
            enrolment=enrolment,
            actor=enrolment.user,
            now=NOW,
            pause_from=date(2026, 11, 20),
            pause_until=None,
        )
        assert planned.status == "enrolled"
    end_pause(enrolment=cast.mentee_enrolment, actor=cast.mentee, now=NOW)
    sweep(now=NOW + 2 * DAY)

    assert status_of(cast.mentor_enrolment) == "paused"
    assert status_of(cast.mentee_enrolment) == "enrolled"
    assert end_pause(enrolment=cast.mentor_enrolment, actor=None, now=NOW).status == "enrolled"


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 11, 17), None, "pause_in_past"),
        (date(2026, 11, 20), date(2026, 11, 19), "pause_order"),
        (date(2028, 11, 20), None, "pause_long"),
    ],
)
def test_pause_with_days_that_cannot_be_refuses(cast, first, last, code):
    with pytest.raises(DomainError) as caught:
        plan_pause(
            enrolment=cast.mentor_enrolment,
            actor=cast.mentor,
            now=NOW,
            pause_from=first,
            pause_until=last,
        )
    assert caught.value.code == code


def test_withdrawal_can_be_undone_for_a_week_while_nothing_followed(cast, cohort):
    first = joined(cast, cohort, "First")
    gone = withdraw(enrolment=first, actor=first.user, now=NOW)
    assert (gone.status, gone.left_status) == ("withdrawn", "enrolled")
    withdraw(enrolment=first, actor=first.user, now=NOW)

    back = undo_withdrawal(enrolment=gone, actor=first.user, now=NOW + 6 * DAY)
    assert (back.status, back.left_status) == ("enrolled", "")
    withdraw(enrolment=first, actor=first.user, now=NOW)
    with pytest.raises(Conflict):
        undo_withdrawal(enrolment=first, actor=first.user, now=NOW + 7 * DAY)


def test_undo_after_the_place_has_gone_leads_to_the_waitlist(cast, cohort):
    first, _ada = waiting(cast, cohort, "Ada")
    withdraw(enrolment=first, actor=first.user, now=NOW)
    back = undo_withdrawal(enrolment=first, actor=first.user, now=NOW)

    assert back.status == "waitlisted"


def test_undo_of_what_a_manager_did_is_refused(cast, cohort):
    first = joined(cast, cohort, "First")
    move_enrolment(enrolment=first, to="withdrawn", actor=cast.program_manager, now=NOW)
    with pytest.raises(Conflict):
        undo_withdrawal(enrolment=first, actor=first.user, now=NOW)


def test_sweep_reminds_once_of_drafts_and_invitations_and_forgets_old_drafts(cast, cohort):
    begun(cast, cohort)
    guest = enrol(cohort, make_person("guest@example.org", "Gus"), "mentor", status="invited")
    Invitation.objects.create(enrolment=guest, sent_at=NOW, expires_at=NOW + 30 * DAY)
    for days in (6, 8, 9, 15, 16):
        sweep(now=NOW + days * DAY)
    sent = Message.objects.order_by("pk").values_list("kind", "occasion")
    assert list(sent) == [
        ("participants.draft_reminder", "mentee"),
        ("participants.invitation", "reminder"),
    ]
    sweep(now=NOW + 91 * DAY)
    assert not EnrolmentDraft.objects.exists()


def test_status_page_of_the_waitlist_says_turn_reason_and_offer(cast, cohort, at_now):
    first, ada, bo = waiting(cast, cohort, "Ada", "Bo")
    client = _client(cast, bo.user)
    page = client.get(reverse("enrolment_status", args=(bo.pk,))).content.decode()
    assert "You are number 2 on the list" in page
    assert "There is 1 place for mentees, and it is taken." in page

    withdraw(enrolment=first, actor=first.user, now=NOW)
    client = _client(cast, ada.user)
    page = client.get(reverse("enrolment_status", args=(ada.pk,))).content.decode()
    assert "Yours until 21 November 2026, 09:30" in page
    client.post(reverse("offer_accept", args=(PlaceOffer.objects.get().pk,)))
    assert status_of(ada) == "enrolled"


def _client(cast, user):
    cast.somebody = user
    return cast.client("somebody")


def test_offer_of_somebody_else_is_not_found(cast, cohort, at_now):
    first, _ada = waiting(cast, cohort, "Ada")
    withdraw(enrolment=first, actor=first.user, now=NOW)
    offer = PlaceOffer.objects.get()

    answer = cast.client("mentor").post(reverse("offer_accept", args=(offer.pk,)))
    assert answer.status_code == 404
    assert outcomes() == ["open"]
