from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from sessions.models import Meeting, MeetingRating, PrivateNote, SharedSummary
from sessions.services import log_meeting
from tests.conftest import NOW, enrol, grant, make_match, make_person
from tests.sessions.conftest import DAY, typed


def url(name: str, *args) -> str:
    return reverse(f"meetings:{name}", args=args)


def words_in(answer) -> set[str]:
    html = answer.content.decode()
    return {word for word in ("zebra-summary", "zebra-note", "zebra-action") if word in html}


def test_detail_shows_its_logger_every_word(cast, meeting):
    answer = cast.client("mentee").get(url("detail", meeting.pk))

    assert answer.status_code == 200
    assert words_in(answer) == {"zebra-summary", "zebra-note", "zebra-action"}
    assert "Thursday, 12 November 2026" in answer.content.decode()
    assert "45 minutes" in answer.content.decode()


def test_detail_shows_the_partner_only_what_is_shared(cast, meeting):
    answer = cast.client("mentor").get(url("detail", meeting.pk))

    assert words_in(answer) == {"zebra-summary", "zebra-action"}
    assert url("remove", meeting.pk) not in answer.content.decode()


def test_detail_shows_the_manager_the_day_and_minutes_alone(cast, meeting):
    answer = cast.client("program_manager").get(url("detail", meeting.pk))

    html = answer.content.decode()
    assert answer.status_code == 200
    assert words_in(answer) == set()
    assert "45 minutes" in html
    assert "Video" not in html
    assert "logged by" not in html


@pytest.mark.parametrize("who", ["other_program_manager", "stranger", "hr_analyst"])
@pytest.mark.parametrize("name", ["detail", "edit", "remove"])
def test_pages_of_a_meeting_of_others_do_not_exist(cast, meeting, who, name):
    assert cast.client(who).get(url(name, meeting.pk)).status_code == 404


@pytest.mark.parametrize("name", ["edit", "remove"])
def test_changing_pages_are_closed_to_the_manager(cast, meeting, name):
    answer = cast.client("program_manager").get(url(name, meeting.pk))

    assert answer.status_code in (403, 404)
    assert words_in(answer) == set()


def test_manager_who_is_a_member_sees_as_a_member_only(cast, meeting):
    grant(cast.mentor, "manager", cast.program)
    answer = cast.client("mentor").get(url("detail", meeting.pk))

    assert words_in(answer) == {"zebra-summary", "zebra-action"}


def test_list_shows_own_meetings_without_words(cast, meeting):
    answer = cast.client("mentee").get(url("list"))

    html = answer.content.decode()
    assert url("detail", meeting.pk) in html
    assert "With Daniel Osei" in html
    assert words_in(answer) == set()


@pytest.mark.parametrize("who", ["program_manager", "stranger", "mentor"])
def test_list_without_own_meetings_says_what_is_normal(cast, at_now, who):
    answer = cast.client(who).get(url("list"))

    assert answer.status_code == 200
    assert "No meetings yet" in answer.content.decode()


def test_list_of_the_manager_has_no_meetings_of_others(cast, meeting):
    answer = cast.client("program_manager").get(url("list"))

    assert url("detail", meeting.pk) not in answer.content.decode()


def test_list_pages_show_thirty_each(cast, at_now):
    for number in range(31):
        log_meeting(
            match=cast.match,
            actor=cast.mentor,
            now=NOW,
            held_on=DAY - timedelta(days=number),
        )
    client = cast.client("mentee")

    first = client.get(url("list")).content.decode()
    second = client.get(url("list"), {"start": "30"}).content.decode()
    assert (first.count("With Daniel Osei"), second.count("With Daniel Osei")) == (30, 1)
    assert "?start=30" in first
    assert "?start=0" in second
    assert client.get(url("list"), {"start": "x"}).status_code == 200


def test_edit_shows_what_is_stored_and_saves_what_is_typed(cast, meeting):
    client = cast.client("mentee")
    page = client.get(url("edit", meeting.pk))
    assert words_in(page) >= {"zebra-summary", "zebra-note"}

    answer = client.post(
        url("edit", meeting.pk),
        typed(
            minutes="60",
            summary="Better.",
            private_note="New.",
            summary_seen_at=meeting.summary.changed_at.isoformat(),
        ),
    )

    assert (answer.status_code, answer.url) == (302, url("detail", meeting.pk))
    stored = Meeting.objects.get()
    assert (stored.minutes, stored.how) == (60, "")
    assert SharedSummary.objects.get().text == "Better."
    assert PrivateNote.objects.get().text == "New."
    assert not MeetingRating.objects.exists()


def test_edit_by_the_partner_leaves_the_other_private_words(cast, meeting):
    client = cast.client("mentor")
    page = client.get(url("edit", meeting.pk))
    assert "zebra-note" not in page.content.decode()

    client.post(url("edit", meeting.pk), typed(summary="zebra-summary", private_note="His."))

    notes = {note.author: note.text for note in PrivateNote.objects.all()}
    assert notes == {cast.mentee: "zebra-note", cast.mentor: "His."}
    assert MeetingRating.objects.get().author == cast.mentee


def test_edit_to_the_future_answers_422_with_what_was_typed(cast, meeting):
    answer = cast.client("mentee").post(
        url("edit", meeting.pk), typed(held_on="2026-12-26", summary="kept-words")
    )

    assert answer.status_code == 422
    assert "kept-words" in answer.content.decode()
    assert Meeting.objects.get().held_on == DAY


def test_remove_asks_first_and_then_takes_it_back(cast, meeting):
    client = cast.client("mentee")
    page = client.get(url("remove", meeting.pk))
    assert page.status_code == 200
    assert Meeting.objects.exists()

    answer = client.post(url("remove", meeting.pk))

    assert answer.status_code == 302
    assert not Meeting.objects.exists()


def test_remove_by_the_partner_says_why_not(cast, meeting):
    client = cast.client("mentor")
    client.post(url("remove", meeting.pk))

    assert Meeting.objects.exists()
    page = client.get(url("detail", meeting.pk)).content.decode()
    assert "Only who logged a meeting can remove it." in page


def test_tick_marks_an_action_done_and_back(cast, meeting):
    item = meeting.action_items.get()
    client = cast.client("mentor")

    plain = client.post(url("tick", item.pk), {"done": "1", "next": "/"})
    item.refresh_from_db()
    assert (plain.status_code, plain.url, item.done_at) == (302, "/", NOW)

    fragment = client.post(url("tick", item.pk), {"done": "0"}, headers={"HX-Request": "true"})
    item.refresh_from_db()
    assert item.done_at is None
    assert fragment.status_code == 200
    assert "<html" not in fragment.content.decode()
    assert "zebra-action" in fragment.content.decode()


def test_tick_never_leads_off_the_site(cast, meeting):
    item = meeting.action_items.get()
    answer = cast.client("mentor").post(
        url("tick", item.pk), {"done": "1", "next": "https://example.com/"}
    )

    assert answer.url == reverse("match", args=(cast.match.pk,))


@pytest.mark.parametrize("who", ["program_manager", "other_program_manager", "stranger"])
def test_tick_by_somebody_else_does_not_exist(cast, meeting, who):
    item = meeting.action_items.get()

    assert cast.client(who).post(url("tick", item.pk), {"done": "1"}).status_code == 404
    item.refresh_from_db()
    assert item.done_at is None


def test_pages_by_another_method_are_refused(cast, meeting):
    client = cast.client("mentee")

    assert client.post(url("list")).status_code == 405
    assert client.post(url("detail", meeting.pk)).status_code == 405
    assert client.get(url("tick", meeting.action_items.get().pk)).status_code == 405


@pytest.mark.parametrize("matches", [1, 4])
@pytest.mark.parametrize("name", ["list", "detail", "edit", "choose"])
def test_pages_take_few_queries_whatever_their_rows(
    cast, meeting, matches, name, django_assert_num_queries
):
    cast.mentor_enrolment.capacity = 9
    cast.mentor_enrolment.save(update_fields=["capacity"])
    for number in range(1, matches):
        person = make_person(f"p{number}@example.org", f"Person {number}")
        match = make_match(cast.mentor_enrolment, enrol(cast.cohort, person, "mentee"))
        log_meeting(match=match, actor=cast.mentor, now=NOW, held_on=DAY, summary="Words.")
    args = () if name in ("list", "choose") else (meeting.pk,)
    client = cast.client("mentor")
    expected = {"list": 8, "choose": 3 if matches == 1 else 4}.get(name, 4)

    with django_assert_num_queries(expected):
        client.get(url(name, *args))


def test_edit_over_a_summary_one_has_not_seen_shows_both(cast, meeting):
    seen = meeting.summary.changed_at.isoformat()
    his = cast.client("mentor")
    his.post(url("edit", meeting.pk), typed(summary="His words.", summary_seen_at=seen))
    SharedSummary.objects.update(changed_at=NOW + timedelta(minutes=1))
    hers = cast.client("mentee")

    refused = hers.post(url("edit", meeting.pk), typed(summary="Mine.", summary_seen_at=seen))
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "His words." in html
    assert "Mine." in html
    assert SharedSummary.objects.get().text == "His words."

    seen_now = SharedSummary.objects.get().changed_at.isoformat()
    assert f'value="{seen_now}"' in html
    answer = hers.post(url("edit", meeting.pk), typed(summary="Mine.", summary_seen_at=seen_now))
    assert answer.status_code == 302
    assert SharedSummary.objects.get().text == "Mine."


def test_edit_without_having_seen_any_summary_keeps_the_new_one(cast, meeting):
    answer = cast.client("mentee").post(url("edit", meeting.pk), typed(summary="Mine."))

    assert answer.status_code == 422
    assert SharedSummary.objects.get().text == "zebra-summary"


def test_edit_shows_a_length_that_is_no_chip(cast, meeting):
    Meeting.objects.update(minutes=75)
    html = cast.client("mentee").get(url("edit", meeting.pk)).content.decode()

    assert 'name="other_minutes" value="75"' in html


def test_detail_shows_the_clocks_of_both(cast, meeting):
    Meeting.objects.update(starts_at=NOW)

    hers = cast.client("mentee").get(url("detail", meeting.pk)).content.decode()
    his = cast.client("mentor").get(url("detail", meeting.pk)).content.decode()
    assert "10:30 your time" in hers
    assert "04:30 in Toronto for Daniel" in hers
    assert "04:30 your time" in his
    assert "10:30 in Berlin for Priya" in his
