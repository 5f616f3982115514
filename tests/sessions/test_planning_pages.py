"""The pages of planning: offer, answer, book, move, cancel, agenda, draft, room, calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import User
from sessions.models import (
    AgendaItem,
    BusyCalendar,
    CalendarFeed,
    LogDraft,
    MatchRoom,
    Meeting,
    MeetingProposal,
    MeetingSeries,
)
from sessions.services import Plan, book_meeting, propose_times, sweep_plans
from tests.conftest import NOW, enrol, make_match, make_person
from tests.sessions.conftest import typed

pytestmark = pytest.mark.usefixtures("at_now")
FIRST = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
LATER = FIRST + timedelta(days=1)
PLAN = Plan(minutes=45, how="video", link="https://zoom.us/j/zebra")


def url(name: str, *args) -> str:
    return reverse(f"meetings:{name}", args=args)


def plan_typed(**values) -> dict[str, object]:
    return {"minutes": "45", "kind": "talk", "how": "video", "link": "", "place": "", **values}


@pytest.fixture
def meeting(cast) -> Meeting:
    return book_meeting(match=cast.match, actor=cast.mentee, now=NOW, starts_at=FIRST, plan=PLAN)


@pytest.fixture
def offer(cast) -> MeetingProposal:
    return propose_times(
        match=cast.match,
        actor=cast.mentor,
        now=NOW,
        starts=[FIRST, LATER],
        plan=PLAN,
        note="zebra-line",
    )


# --- Offering -------------------------------------------------------------------------------------
def test_offer_page_suggests_times_on_both_clocks(cast):
    page = cast.client("mentee").get(url("propose", cast.match.pk)).content.decode()

    assert "Good times for you and Daniel" in page
    assert "in Toronto for Daniel" in page
    assert page.count('name="picks"') == 9
    assert "Times in Berlin." in page


def test_picked_suggestion_and_typed_time_are_offered_together(cast):
    answer = cast.client("mentee").post(
        url("propose", cast.match.pk),
        plan_typed(picks=[FIRST.isoformat()], day_1="2026-11-25", time_1="16:30", note="Pick one"),
    )

    proposal = MeetingProposal.objects.get()
    assert answer.status_code == 302
    assert answer.url == url("offer", proposal.pk)
    assert [slot.starts_at for slot in proposal.slots.all()] == [
        FIRST,
        datetime(2026, 11, 25, 15, 30, tzinfo=UTC),
    ]
    assert proposal.plan.note == "Pick one"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Choose at least one time."),
        (
            {"picks": [(FIRST + timedelta(days=days)).isoformat() for days in range(4)]},
            "Choose up to three times.",
        ),
        ({"picks": ["tomorrow"]}, "Choose one of the times."),
        ({"picks": ["2026-11-24T10:00:00"]}, "Choose one of the times."),
        ({"day_1": "2026-11-25"}, "Choose a time as well."),
        ({"time_1": "10:00"}, "Choose a day as well."),
        ({"day_1": "2026-11-17", "time_1": "10:00"}, "This time is past."),
        ({"day_1": "2026-11-25", "time_1": "10:00", "link": "http://x.example"}, "https://"),
        ({"picks": [FIRST.isoformat()], "minutes": "other"}, "Write how many minutes."),
        ({"picks": [FIRST.isoformat()], "kind": "party"}, "Select a valid choice."),
    ],
)
def test_offer_that_cannot_be_comes_back_with_what_was_typed(cast, values, sentence):
    answer = cast.client("mentee").post(
        url("propose", cast.match.pk), plan_typed(**{"place": "Zebra café", **values})
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "Zebra café" in page
    assert "<title>Error: " in page
    assert not MeetingProposal.objects.exists()


def test_skipped_time_is_refused_and_a_doubled_one_asked_about(cast):
    page = url("propose", cast.match.pk)
    with time_machine.travel(datetime(2027, 3, 20, tzinfo=UTC), tick=False):
        skipped = cast.client("mentee").post(page, plan_typed(day_1="2027-03-28", time_1="02:30"))
    assert skipped.status_code == 422
    assert "The nearest times are 01:30 and 03:30." in skipped.content.decode()
    assert "Which of the two?" not in skipped.content.decode()

    with time_machine.travel(datetime(2026, 10, 20, tzinfo=UTC), tick=False):
        client = cast.client("mentee")
        doubled = client.post(page, plan_typed(day_1="2026-10-25", time_1="02:30"))
        assert doubled.status_code == 422
        assert "Which of the two?" in doubled.content.decode()

        answer = client.post(page, plan_typed(day_1="2026-10-25", time_1="02:30", which_1="second"))
    assert answer.status_code == 302
    assert MeetingProposal.objects.get().slots.get().starts_at == datetime(
        2026, 10, 25, 1, 30, tzinfo=UTC
    )


def test_choosing_whom_to_meet_goes_straight_on_with_one_match(cast):
    assert cast.client("mentee").get(url("choose_offer")).url == url("propose", cast.match.pk)

    person = make_person("kenji@example.org", "Kenji Sato")
    make_match(cast.mentor_enrolment, enrol(cast.cohort, person, "mentee"))
    page = cast.client("mentor").get(url("choose_offer")).content.decode()
    assert "Whom would you like to meet?" in page
    assert "Kenji Sato" in page


# --- Answering ------------------------------------------------------------------------------------
def test_offer_shows_its_times_to_the_other_and_waits_for_a_button(cast, offer):
    page = cast.client("mentee").get(url("offer", offer.pk)).content.decode()

    assert "Daniel offers times" in page
    assert "Tuesday, 24 November, 15:00–15:45" in page
    assert "09:00 in Toronto for Daniel" in page
    assert "zebra-line" in page
    assert not Meeting.objects.exists()
    own = cast.client("mentor").get(url("offer", offer.pk)).content.decode()
    assert "Waiting for Priya" in own
    assert url("accept", offer.pk) not in own


def test_taken_time_leads_to_the_meeting(cast, offer):
    slot = offer.slots.first()
    answer = cast.client("mentee").post(url("accept", offer.pk), {"slot": slot.pk})

    meeting = Meeting.objects.get()
    assert answer.url == url("detail", meeting.pk)
    again = cast.client("mentee").post(url("accept", offer.pk), {"slot": slot.pk})
    assert again.status_code == 422
    assert "This offer is closed already" in again.content.decode()


@pytest.mark.parametrize("slot", ["", "x", "0", "99999999999999999999"])
def test_answer_without_a_time_of_the_offer_is_refused(cast, offer, slot):
    answer = cast.client("mentee").post(url("accept", offer.pk), {"slot": slot})

    assert answer.status_code == 422
    assert "Choose one of the times." in answer.content.decode()


def test_hour_given_away_meanwhile_says_only_not_free(cast, offer):
    person = make_person("kenji@example.org", "Kenji Sato")
    other = make_match(cast.mentor_enrolment, enrol(cast.cohort, person, "mentee"))
    book_meeting(match=other, actor=cast.mentor, now=NOW, starts_at=FIRST, plan=PLAN)

    answer = cast.client("mentee").post(url("accept", offer.pk), {"slot": offer.slots.first().pk})

    assert answer.status_code == 422
    assert "Daniel is not free then. Choose another time." in answer.content.decode()
    assert "Kenji" not in answer.content.decode()


def test_declining_leads_to_offering_others_and_withdrawing_to_the_list(cast, offer):
    declined = cast.client("mentee").post(url("decline", offer.pk))
    assert declined.url == url("propose", cast.match.pk)

    own = propose_times(match=cast.match, actor=cast.mentee, now=NOW, starts=[LATER], plan=PLAN)
    assert cast.client("mentee").post(url("withdraw", own.pk)).url == url("list")
    assert cast.client("mentor").post(url("withdraw", own.pk)).status_code == 422


@pytest.mark.parametrize("name", ["accept", "decline", "withdraw"])
def test_answers_are_no_links(cast, offer, name):
    assert cast.client("mentee").get(url(name, offer.pk)).status_code == 405
    offer.refresh_from_db()
    assert offer.state == "open"


# --- Booking, moving, cancelling ------------------------------------------------------------------
def test_agreed_time_is_booked_at_once(cast):
    answer = cast.client("mentee").post(
        url("book", cast.match.pk),
        plan_typed(day="2026-11-24", time="15:00", repeat="once", place="Café Luise"),
    )

    meeting = Meeting.objects.get()
    assert answer.url == url("detail", meeting.pk)
    assert (meeting.starts_at, meeting.plan.place) == (FIRST, "Café Luise")


def test_repeating_meeting_is_booked_and_says_how_many(cast):
    client = cast.client("mentee")
    answer = client.post(
        url("book", cast.match.pk),
        plan_typed(day="2026-11-24", time="15:00", repeat="two_weekly", until="2026-12-31"),
        follow=True,
    )

    assert MeetingSeries.objects.get().meetings.count() == 3
    page = answer.content.decode()
    assert "Booked: 3 meetings so far" in page
    assert page.count("Every two weeks") == 3


def test_booking_beside_an_own_meeting_names_it(cast, meeting):
    answer = cast.client("mentee").post(
        url("book", cast.match.pk), plan_typed(day="2026-11-24", time="15:30", repeat="once")
    )

    assert answer.status_code == 422
    assert "You meet Daniel Osei from 15:00 to 15:45 then." in answer.content.decode()


def test_meeting_is_moved_on_its_page(cast, meeting):
    client = cast.client("mentor")
    page = client.get(url("move", meeting.pk)).content.decode()
    assert 'value="09:00"' in page
    assert "Toronto time" in page

    answer = client.post(
        url("move", meeting.pk),
        {"day": "2026-11-25", "time": "10:00", "minutes": "45", "note": "A visitor"},
    )

    meeting.refresh_from_db()
    assert answer.url == url("detail", meeting.pk)
    assert meeting.starts_at == datetime(2026, 11, 25, 15, tzinfo=UTC)
    assert "A visitor" in cast.client("mentee").get(answer.url).content.decode()


def test_meeting_is_cancelled_by_the_button_alone(cast, meeting):
    client = cast.client("mentor")
    assert client.get(url("cancel", meeting.pk)).status_code == 200
    meeting.refresh_from_db()
    assert meeting.is_planned

    client.post(url("cancel", meeting.pk), {"reason": "zebra-ill", "scope": "one"})

    page = cast.client("mentee").get(url("detail", meeting.pk)).content.decode()
    assert "Daniel cancelled this meeting" in page
    assert "zebra-ill" in page
    manager = cast.client("program_manager").get(url("detail", meeting.pk)).content.decode()
    assert "zebra" not in manager
    assert client.get(url("cancel", meeting.pk)).status_code == 302


def test_this_and_later_ones_are_changed_or_cancelled(cast):
    client = cast.client("mentee")
    client.post(
        url("book", cast.match.pk),
        plan_typed(day="2026-11-24", time="15:00", repeat="weekly", until="2026-12-22"),
    )
    second, third = Meeting.objects.order_by("starts_at")[1:3]
    assert "Every week" in client.get(url("detail", second.pk)).content.decode()

    client.post(
        url("later", third.pk),
        plan_typed(day="2026-12-09", time="10:00", repeat="two_weekly", until="2026-12-31"),
    )
    planned = Meeting.objects.filter(status="scheduled").order_by("starts_at")
    assert [one.starts_at.date() for one in planned] == [
        date(2026, 11, 24),
        date(2026, 12, 1),
        date(2026, 12, 9),
        date(2026, 12, 23),
    ]
    fresh = planned.filter(starts_at__month=12, starts_at__day=9).get()
    client.post(url("cancel", fresh.pk), {"scope": "later"})
    assert Meeting.objects.filter(status="scheduled").count() == 2


def test_plan_is_changed_without_its_time(cast, meeting):
    answer = cast.client("mentor").post(
        url("plan", meeting.pk), {"kind": "review", "how": "in_person", "place": "Hall 3"}
    )

    meeting.refresh_from_db()
    assert answer.url == url("detail", meeting.pk)
    assert (meeting.kind, meeting.starts_at, meeting.sequence) == ("review", FIRST, 0)


def test_known_provider_is_named_and_the_link_goes_out_without_a_trace(cast, meeting):
    page = cast.client("mentee").get(url("detail", meeting.pk)).content.decode()

    assert "Join on Zoom" in page
    assert 'rel="noopener noreferrer"' in page


def test_one_meeting_is_downloaded_as_a_file(cast, meeting):
    answer = cast.client("mentee").get(url("ics", meeting.pk))

    assert answer["Content-Disposition"] == f'attachment; filename="meeting-{meeting.pk}.ics"'
    assert b"BEGIN:VEVENT" in answer.content
    assert b"zebra" not in answer.content


# --- Did you meet? --------------------------------------------------------------------------------
def after(cast, person: str):
    """Return a client two hours after the meeting."""
    return time_machine.travel(FIRST + timedelta(hours=2), tick=False), cast.client(person)


def test_one_tap_on_the_list_says_that_they_met(cast, meeting):
    travel, client = after(cast, "mentee")
    with travel:
        page = client.get(url("list")).content.decode()
        assert "Did you meet?" in page
        client.post(url("met", meeting.pk))
        assert "Did you meet?" not in client.get(url("list")).content.decode()

    meeting.refresh_from_db()
    assert (meeting.status, meeting.minutes) == ("held", 45)


def test_missed_meeting_leads_to_new_times(cast, meeting):
    travel, client = after(cast, "mentor")
    with travel:
        answer = client.post(url("missed", meeting.pk))

    assert answer.url == url("propose", cast.match.pk)
    meeting.refresh_from_db()
    assert meeting.status == "missed"


def test_meeting_to_come_is_not_met_yet(cast, meeting):
    cast.client("mentee").post(url("met", meeting.pk))

    meeting.refresh_from_db()
    assert meeting.status == "scheduled"


def test_log_form_is_filled_in_from_the_plan(cast, meeting):
    travel, client = after(cast, "mentee")
    with travel:
        page = client.get(url("log", cast.match.pk)).content.decode()
        assert 'value="2026-11-24"' in page
        assert 'value="15:00' in page
        assert f'name="booking" value="{meeting.pk}"' in page
        client.post(
            url("log", cast.match.pk),
            typed(held_on="2026-11-24", booking=meeting.pk, summary="We met"),
        )

    meeting.refresh_from_db()
    assert (meeting.status, meeting.summary.text) == ("held", "We met")
    assert Meeting.objects.count() == 1


# --- Agenda ---------------------------------------------------------------------------------------
def test_agenda_starts_from_the_phase_and_grows_by_both(cast, meeting):
    cast.cohort.phases.create(
        name="Now",
        starts_on=date(2026, 11, 1),
        ends_on=date(2026, 12, 1),
        agenda="One goal\n\nOne step",
    )
    mentee, mentor = cast.client("mentee"), cast.client("mentor")
    assert "One goal" in mentee.get(url("detail", meeting.pk)).content.decode()

    mentee.post(url("add_agenda", meeting.pk), {"suggested": "1"})
    mentor.post(url("add_agenda", meeting.pk), {"text": "zebra-item"})
    mentor.post(url("add_agenda", meeting.pk), {"text": "zebra-item"})

    items = list(meeting.agenda_items.all())
    assert [item.text for item in items] == ["One goal", "One step", "zebra-item"]
    assert items[2].added_by == cast.mentor
    mentee.post(url("tick_agenda", items[0].pk), {"done": "1"})
    mentee.post(url("remove_agenda", items[1].pk))
    items[0].refresh_from_db()
    assert items[0].done_at == NOW
    assert meeting.agenda_items.count() == 2


def test_agenda_answers_htmx_with_itself(cast, meeting):
    answer = cast.client("mentee").post(
        url("add_agenda", meeting.pk), {"text": "zebra-item"}, headers={"HX-Request": "true"}
    )

    page = answer.content.decode()
    assert page.lstrip().startswith('<section class="card" aria-labelledby="agenda"')
    assert "zebra-item" in page


def test_full_agenda_says_so(cast, meeting):
    client = cast.client("mentee")
    for number in range(20):
        client.post(url("add_agenda", meeting.pk), {"text": f"Item {number}"})

    answer = client.post(
        url("add_agenda", meeting.pk), {"text": "More"}, headers={"HX-Request": "true"}
    )

    assert answer.status_code == 422
    assert "An agenda has up to 20 items." in answer.content.decode()
    assert AgendaItem.objects.count() == 20


@pytest.mark.parametrize("who", ["stranger", "program_manager"])
def test_agenda_of_others_is_not_reached(cast, meeting, who):
    answer = cast.client(who).post(url("add_agenda", meeting.pk), {"text": "x"})

    assert answer.status_code == 404


# --- Draft ----------------------------------------------------------------------------------------
def test_typed_words_are_kept_sealed_and_come_back(cast):
    client = cast.client("mentee")
    values = typed(
        summary="zebra-summary",
        private_note="zebra-note",
        minutes="30",
        **{"actions-1-text": "zebra-action"},
    )
    said = client.post(url("draft", cast.match.pk), values, headers={"HX-Request": "true"})
    assert "Kept at" in said.content.decode()

    page = client.get(url("log", cast.match.pk)).content.decode()
    for word in ("zebra-summary", "zebra-note", "zebra-action", "We kept what you typed"):
        assert word in page
    other = cast.client("mentor").get(url("log", cast.match.pk)).content.decode()
    assert "zebra" not in other

    client.post(url("log", cast.match.pk), values)
    assert not LogDraft.objects.exists()


def test_draft_without_words_keeps_nothing_and_can_be_dropped(cast):
    client = cast.client("mentee")
    client.post(url("draft", cast.match.pk), typed())
    assert not LogDraft.objects.exists()

    answer = client.post(url("draft", cast.match.pk), typed(private_note="zebra-note"))
    assert answer.url == url("list")
    assert LogDraft.objects.get().author == cast.mentee
    client.post(url("drop_draft", cast.match.pk))
    assert not LogDraft.objects.exists()


def test_emptied_form_forgets_what_was_kept(cast):
    client = cast.client("mentee")
    client.post(url("draft", cast.match.pk), typed(private_note="zebra-note"))

    said = client.post(url("draft", cast.match.pk), typed(), headers={"HX-Request": "true"})

    assert "Kept at" not in said.content.decode()
    assert not LogDraft.objects.exists()


def test_draft_that_is_too_long_says_so_and_loses_nothing(cast):
    client = cast.client("mentee")
    client.post(url("draft", cast.match.pk), typed(private_note="zebra-note"))
    values = typed(private_note="ä" * 60_001)

    said = client.post(url("draft", cast.match.pk), values, headers={"HX-Request": "true"})
    page = client.post(url("draft", cast.match.pk), values)

    assert "too long to keep" in said.content.decode()
    assert page.status_code == 422
    assert "too long to keep" in page.content.decode()
    assert "ä" * 60_001 in page.content.decode()
    assert "zebra-note" in str(LogDraft.objects.get().content)


def test_draft_of_fifty_thousand_umlauts_is_kept(cast):
    client = cast.client("mentee")

    client.post(url("draft", cast.match.pk), typed(private_note="ä" * 50_000))

    assert "ä" * 50_000 in str(LogDraft.objects.get().content)


def test_sweep_forgets_drafts_that_nobody_came_back_to(cast):
    cast.client("mentee").post(url("draft", cast.match.pk), typed(private_note="zebra-note"))
    LogDraft.objects.update(saved_at=NOW)

    sweep_plans(now=NOW + timedelta(days=90))
    assert LogDraft.objects.exists()

    sweep_plans(now=NOW + timedelta(days=91))
    assert not LogDraft.objects.exists()


# --- Room and calendar ----------------------------------------------------------------------------
def test_room_is_set_and_fills_in_new_offers(cast):
    client = cast.client("mentee")
    answer = client.post(url("room", cast.match.pk), {"link": "https://meet.google.com/abc"})
    assert answer.url == reverse("match", args=(cast.match.pk,))
    assert MatchRoom.objects.get().link == "https://meet.google.com/abc"

    page = cast.client("mentor").get(url("propose", cast.match.pk)).content.decode()
    assert "https://meet.google.com/abc" in page
    assert "Your room is on Google Meet." in page
    refused = client.post(url("room", cast.match.pk), {"link": "http://meet.google.com"})
    assert refused.status_code == 422


def test_address_of_the_feed_is_shown_once(cast, client):
    mentee = cast.client("mentee")
    page = mentee.post(url("make_feed")).content.decode()
    address = page.partition('<code class="secret">')[2].partition("</code>")[0]

    path = address.removeprefix("http://127.0.0.1:8000")
    assert client.get(path).status_code == 200
    assert address not in mentee.get(url("calendar")).content.decode()
    for program in ("Google", "Outlook", "Apple", "Thunderbird"):
        assert program in page
    mentee.post(url("revoke_feed"))
    assert client.get(path).status_code == 404
    assert not CalendarFeed.objects.exists()


def test_busy_calendar_is_set_shown_without_its_link_and_forgotten(cast):
    client = cast.client("mentee")
    link = "https://calendar.example.org/zebra.ics"
    assert client.post(url("set_busy"), {"url": link}).url == url("calendar")
    assert BusyCalendar.objects.get().url == link

    page = client.get(url("calendar")).content.decode()
    assert "calendar.example.org" in page
    assert "zebra" not in page
    assert client.post(url("set_busy"), {"url": "ftp://x"}).status_code == 422
    client.post(url("remove_busy"))
    assert not BusyCalendar.objects.exists()


def test_list_puts_what_waits_first(cast, offer, meeting):
    page = cast.client("mentee").get(url("list")).content.decode()

    assert page.index("Waiting for your answer") < page.index("Coming up")
    assert "15:00–15:45" in page
    assert "09:00 in Toronto for Daniel" in page
    own = cast.client("mentor").get(url("list")).content.decode()
    assert "You offered Priya Raman 2 times" in own


def many(cast, count: int) -> None:
    """Give the mentor this many matches more, each with a meeting and an offer."""
    cast.mentor_enrolment.capacity = 9
    cast.mentor_enrolment.save(update_fields=["capacity"])
    for number in range(count):
        person: User = make_person(f"p{number}@example.org", f"Person {number}")
        match = make_match(cast.mentor_enrolment, enrol(cast.cohort, person, "mentee"))
        day = timedelta(days=1 + number)
        given = {"match": match, "actor": person, "now": NOW, "plan": PLAN}
        book_meeting(**given, starts_at=FIRST + day)
        propose_times(**given, starts=[LATER + day])


@pytest.mark.parametrize("count", [0, 4])
@pytest.mark.parametrize("name", ["list", "propose", "offer", "detail", "calendar"])
def test_planning_pages_take_few_queries(
    cast, offer, meeting, count, name, django_assert_max_num_queries
):
    many(cast, count)
    arguments = {"propose": cast.match.pk, "offer": offer.pk, "detail": meeting.pk}
    client = cast.client("mentor")
    path = url(name, *([arguments[name]] if name in arguments else []))

    with django_assert_max_num_queries(8):
        assert client.get(path).status_code == 200
