from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from sessions.models import ActionItem, Meeting, PrivateNote, SharedSummary
from sessions.services import log_meeting
from tests.conftest import NOW, enrol, make_match, make_person
from tests.sessions.conftest import DAY, typed


def chosen(html: str) -> list[str]:
    return [part.split(">")[0] for part in html.split("<input")[1:] if " checked" in part]


def test_log_page_preselects_nothing_but_today(cast, log_url):
    page = cast.client("mentee").get(log_url)

    html = page.content.decode()
    assert page.status_code == 200
    assert 'value="2026-11-18"' in html
    assert chosen(html) == []
    assert "Encrypted when stored." in html
    assert "You and Daniel see this" in html


def test_log_page_today_is_today_where_the_person_is(cast, log_url):
    cast.mentee.time_zone = "Pacific/Auckland"
    cast.mentee.save(update_fields=["time_zone"])

    with time_machine.travel(NOW.replace(hour=20), tick=False):
        page = cast.client("mentee").get(log_url)

    assert 'value="2026-11-19"' in page.content.decode()


def test_log_with_only_the_date_saves_and_leads_to_the_match(cast, log_url):
    client = cast.client("mentee")
    answer = client.post(log_url, typed())

    meeting = Meeting.objects.get()
    assert (meeting.held_on, meeting.minutes, meeting.how) == (DAY, None, "")
    assert (answer.status_code, answer.url) == (302, reverse("match", args=(cast.match.pk,)))
    page = client.get(answer.url).content.decode()
    assert "Meeting saved." in page
    assert reverse("meetings:remove", args=(meeting.pk,)) in page


def test_log_with_everything_saves_every_word(cast, log_url):
    cast.client("mentee").post(
        log_url,
        typed(
            **{
                "start_time": "15:00",
                "minutes": "45",
                "how": "video",
                "summary": "We met.",
                "private_note": "Mine.",
                "rating": "5",
                "actions-TOTAL_FORMS": "2",
                "actions-0-text": "Send it",
                "actions-0-owner": str(cast.mentor.pk),
                "actions-0-due_on": "2026-11-25",
                "actions-1-text": "",
                "actions-1-owner": str(cast.mentee.pk),
            }
        ),
    )

    meeting = Meeting.objects.get()
    assert (meeting.minutes, meeting.how, meeting.starts_at.hour) == (45, "video", 14)
    assert SharedSummary.objects.get().text == "We met."
    assert PrivateNote.objects.get().text == "Mine."
    item = ActionItem.objects.get()
    assert (item.text, item.owner, item.due_on) == ("Send it", cast.mentor, date(2026, 11, 25))


def test_log_in_the_future_answers_422_and_keeps_what_was_typed(cast, log_url):
    answer = cast.client("mentee").post(
        log_url,
        typed(
            **{
                "held_on": "2026-12-26",
                "minutes": "60",
                "summary": "kept-summary",
                "private_note": "kept-note",
                "actions-0-text": "kept-action",
            }
        ),
    )

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: Log a meeting" in html
    assert "One thing needs your attention" in html
    assert 'href="#id_held_on"' in html
    assert "26 December 2026 is in the future. Choose a date up to today." in html
    for word in ("2026-12-26", "kept-summary", "kept-note", "kept-action"):
        assert word in html
    assert len(chosen(html)) == 1
    assert not Meeting.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"held_on": ""}, "id_held_on"),
        ({"held_on": "2026-09-01"}, "id_held_on"),
        ({"held_on": "2026-11-18", "start_time": "23:00"}, "id_start_time"),
        ({"actions-0-text": "", "actions-0-due_on": "2026-11-20"}, "id_actions-0-text"),
    ],
)
def test_log_with_something_wrong_leads_to_its_field(cast, log_url, values, field):
    answer = cast.client("mentee").post(log_url, typed(**values))

    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.content.decode()
    assert not Meeting.objects.exists()


def test_log_of_a_day_the_partner_logged_says_that_it_was_added(cast, log_url, meeting):
    client = cast.client("mentor")
    answer = client.post(log_url, typed(private_note="His own."), follow=True)

    assert Meeting.objects.count() == 1
    html = answer.content.decode()
    assert "it counts once" in html
    assert reverse("meetings:remove", args=(meeting.pk,)) not in html


def test_log_page_shows_last_time_and_what_is_open(cast, log_url, meeting):
    html = cast.client("mentor").get(log_url).content.decode()

    assert "Last time, 12 November" in html
    assert "zebra-summary" in html
    assert "zebra-action" in html
    assert "zebra-note" not in html


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "who",
    ["program_manager", "other_program_manager", "stranger", "hr_analyst", "it_administrator"],
)
def test_log_page_of_somebody_else_is_closed(cast, log_url, who, method):
    answer = getattr(cast.client(who), method)(log_url, typed())

    assert answer.status_code in (403, 404)
    assert not Meeting.objects.exists()


def test_log_page_without_signing_in_asks_to(client, cast, log_url):
    assert client.get(log_url).url.startswith("/accounts/login/")


def test_log_page_by_another_method_is_refused(cast, log_url):
    assert cast.client("mentee").put(log_url).status_code == 405


def test_action_row_is_one_more_row_for_the_form(cast, at_now):
    url = reverse("meetings:action_row", args=(cast.match.pk,))
    html = cast.client("mentee").get(url, {"number": "1"}).content.decode()

    assert 'name="actions-1-text"' in html
    assert 'name="actions-TOTAL_FORMS" value="2"' in html
    assert "<html" not in html
    assert cast.client("mentee").get(url, {"number": "99"}).status_code == 204
    assert cast.client("stranger").get(url).status_code == 404


def test_choose_with_one_match_leads_to_its_form(cast, log_url):
    answer = cast.client("mentor").get(reverse("meetings:choose"))

    assert (answer.status_code, answer.url) == (302, log_url)


def test_choose_with_several_matches_offers_each(cast, at_now):
    other = make_match(
        cast.mentor_enrolment,
        enrol(cast.cohort, make_person("li@example.org", "Li Wei"), "mentee"),
    )
    html = cast.client("mentor").get(reverse("meetings:choose")).content.decode()

    assert "Priya Raman" in html
    assert reverse("meetings:log", args=(other.pk,)) in html


def test_choose_without_a_match_says_so(cast, at_now):
    answer = cast.client("stranger").get(reverse("meetings:choose"))

    assert answer.status_code == 200
    assert "Nobody to meet yet" in answer.content.decode()


@pytest.mark.parametrize("meetings", [0, 3])
def test_log_page_takes_six_queries(cast, log_url, meetings, django_assert_num_queries):
    for number in range(meetings):
        log_meeting(
            match=cast.match,
            actor=cast.mentor,
            now=NOW,
            held_on=DAY - timedelta(days=number),
            summary="Words.",
            action_items=[{"text": f"Item {number}"}],
        )
    client = cast.client("mentee")

    with django_assert_num_queries(6):
        client.get(log_url)


def test_log_page_has_three_action_rows_without_javascript(cast, log_url):
    html = cast.client("mentee").get(log_url).content.decode()

    shown, *hidden = html.split("<noscript>")
    assert 'name="actions-0-text"' in shown
    assert [f'name="actions-{number}-text"' in part for number, part in enumerate(hidden, 1)] == [
        True,
        True,
    ]
    assert 'name="actions-TOTAL_FORMS" value="3"' in html


def test_log_with_three_action_rows_saves_those_with_words(cast, log_url):
    cast.client("mentee").post(
        log_url,
        typed(
            **{
                "actions-TOTAL_FORMS": "3",
                "actions-1-text": "Second",
                "actions-1-owner": str(cast.mentee.pk),
            }
        ),
    )

    assert [item.text for item in ActionItem.objects.all()] == ["Second"]


def test_log_with_another_length_takes_its_number(cast, log_url):
    cast.client("mentee").post(log_url, typed(minutes="other", other_minutes="75"))

    assert Meeting.objects.get().minutes == 75


@pytest.mark.parametrize("number", ["", "0", "601", "long"])
def test_log_with_another_length_without_a_number_answers_422(cast, log_url, number):
    answer = cast.client("mentee").post(log_url, typed(minutes="other", other_minutes=number))

    assert answer.status_code == 422
    assert 'href="#id_other_minutes"' in answer.content.decode()
    assert not Meeting.objects.exists()


def test_log_page_names_the_place_of_its_clock(cast, log_url):
    assert "Optional, Berlin time" in cast.client("mentee").get(log_url).content.decode()
    assert "Optional, Toronto time" in cast.client("mentor").get(log_url).content.decode()
