from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from matching.models import Match
from matching.services.closing import end_match
from sessions.services import log_meeting
from tests.conftest import NOW, grant
from tests.home.conftest import DAY, more_matches


def url(cast, name: str = "match") -> str:
    return reverse(name, args=(cast.match.pk,))


def html_of(cast, who: str) -> str:
    answer = cast.client(who).get(url(cast))
    assert answer.status_code == 200
    return answer.content.decode()


def test_match_shows_its_people_what_they_share(cast, meeting):
    html = html_of(cast, "mentor")

    assert "Priya Raman" in html
    assert "10:30 in Berlin" in html
    assert "Thursday, 12 November 2026" in html
    assert "zebra-action" in html
    assert "What is wanted and what is offered meet: Negotiation." in html
    assert "40/50" not in html
    for word in ("zebra-summary", "zebra-note"):
        assert word not in html


def test_match_shows_its_manager_figures_and_no_words(cast, meeting):
    html = html_of(cast, "program_manager")

    assert "Priya Raman" in html
    assert "Daniel Osei" in html
    assert "40/50" in html
    assert "45 minutes" in html
    assert "zebra" not in html
    assert "Log a meeting" not in html


def test_match_of_a_manager_who_is_in_it_is_the_members_page(cast, meeting):
    grant(cast.mentor, "manager", cast.program)
    html = html_of(cast, "mentor")

    assert "40/50" not in html
    assert "zebra-action" in html


@pytest.mark.parametrize(
    "who", ["other_program_manager", "stranger", "hr_analyst", "it_administrator"]
)
@pytest.mark.parametrize("name", ["match", "match_end"])
def test_match_of_others_does_not_exist(cast, meeting, who, name):
    assert cast.client(who).get(url(cast, name)).status_code == 404


@pytest.mark.parametrize("who", ["other_program_manager", "stranger", "hr_analyst"])
@pytest.mark.parametrize("name", ["match_end", "match_pause"])
def test_match_of_others_is_neither_ended_nor_paused(cast, running, who, name):
    answer = cast.client(who).post(url(cast, name), {"reason": "other"})

    assert answer.status_code == 404
    assert Match.objects.get(pk=cast.match.pk).status == "active"


def test_match_end_asks_why_and_says_who_sees_it(cast, running):
    html = cast.client("mentee").get(url(cast, "match_end")).content.decode()

    assert "Only you and the program managers see the reason" in html
    assert "checked" not in html


def test_match_end_with_a_reason_ends_it_for_both(cast, running):
    answer = cast.client("mentee").post(url(cast, "match_end"), {"reason": "no_fit"})

    match = Match.objects.get(pk=cast.match.pk)
    assert (answer.status_code, match.status, match.end_reason) == (302, "ended", "no_fit")
    assert "Not the right fit" not in html_of(cast, "mentor")
    assert "Not the right fit" in html_of(cast, "program_manager")


@pytest.mark.parametrize("reason", ["", "nonsense"])
def test_match_end_without_a_reason_answers_422(cast, running, reason):
    answer = cast.client("mentee").post(url(cast, "match_end"), {"reason": reason})

    assert answer.status_code == 422
    assert "<title>Error:" in answer.content.decode()
    assert Match.objects.get(pk=cast.match.pk).status == "active"


@pytest.mark.parametrize("reason", ["completed", "left"])
def test_match_end_for_a_managers_reason_is_not_for_its_people(cast, running, reason):
    answer = cast.client("mentee").post(url(cast, "match_end"), {"reason": reason})
    assert answer.status_code == 422

    answer = cast.client("program_manager").post(url(cast, "match_end"), {"reason": reason})
    assert answer.status_code == 302
    assert Match.objects.get(pk=cast.match.pk).end_reason == reason


def test_match_end_by_its_manager_speaks_to_a_manager(cast, running):
    client = cast.client("program_manager")
    html = client.get(url(cast, "match_end")).content.decode()
    assert "Only program managers see the reason." in html
    assert "Your partner" not in html

    page = client.post(url(cast, "match_end"), {"reason": "left"}, follow=True).content.decode()
    assert "The match has ended." in page
    assert "Thank you" not in page


def test_match_shows_its_people_the_phase_they_are_in(cast, running):
    assert 'id="guide">Build momentum<' in html_of(cast, "mentee")

    end_match(match=cast.match, actor=cast.mentor, now=NOW, reason="no_time")
    assert 'id="guide"' not in html_of(cast, "mentee")


def test_match_counts_every_meeting_and_leads_to_the_rest(cast, running):
    for number in range(13):
        log_meeting(
            match=cast.match, actor=cast.mentor, now=NOW, held_on=DAY - timedelta(days=number)
        )

    for who in ("mentee", "program_manager"):
        assert 'Meetings <span class="count">13</span>' in html_of(cast, who)
    assert "All meetings" in html_of(cast, "mentee")
    assert "All meetings" not in html_of(cast, "program_manager")


def test_match_end_twice_answers_422(cast, running):
    end_match(match=cast.match, actor=cast.mentor, now=NOW, reason="no_time")

    answer = cast.client("mentee").post(url(cast, "match_end"), {"reason": "no_fit"})
    assert answer.status_code == 422


def test_match_pause_pauses_and_takes_up_again(cast, running):
    client = cast.client("mentee")
    client.post(url(cast, "match_pause"))
    assert Match.objects.get(pk=cast.match.pk).status == "paused"

    client.post(url(cast, "match_pause"))
    assert Match.objects.get(pk=cast.match.pk).status == "active"


def test_match_that_ended_can_still_be_read_but_not_logged_from_there(cast, meeting):
    end_match(match=cast.match, actor=cast.mentor, now=NOW, reason="no_time")
    html = html_of(cast, "mentee")

    assert "Ended on 18 November 2026" in html
    assert "Daniel Osei" in html
    assert "Log a meeting" not in html.split('id="main"')[1].split("<nav")[0]


def test_match_by_another_method_is_refused(cast, running):
    client = cast.client("mentee")

    assert client.post(url(cast)).status_code == 405
    assert client.get(url(cast, "match_pause")).status_code == 405


@pytest.mark.parametrize("extra", [0, 4])
@pytest.mark.parametrize("who", ["mentor", "mentee"])
def test_match_takes_eight_queries(cast, meeting, who, extra, django_assert_num_queries):
    more_matches(cast, extra)
    client = cast.client(who)

    with django_assert_num_queries(8):
        client.get(url(cast))


def test_match_is_not_ended_with_own_words_that_nobody_wrote(cast, meeting):
    client = cast.client("mentee")

    refused = client.post(
        url(cast, "match_end"), {"reason": "not_fit", "farewell": "own", "words": " "}
    )

    assert refused.status_code == 422
    assert "Write your own words, or choose others, or none." in refused.content.decode()
    assert Match.objects.get().status == "active"
