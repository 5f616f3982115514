"""The pages of beginning a match: who gets in, what they show, and that nothing typed is lost."""

from __future__ import annotations

import pytest
from django.test import Client

from matching.models import AgreementVersion, ExpectationSheet, MatchConfirmation
from matching.sealed import answers_in, parts_of
from matching.services.agreement import sign_agreement, write_agreement
from matching.services.beginning import save_expectations
from matching.services.closing import end_match
from tests.conftest import NOW, grant
from tests.matching.test_beginning import EMPTY

pytestmark = pytest.mark.django_db


def path(cast, name: str) -> str:
    return f"/matches/{cast.match.pk}/{name}/"


def expect(cast, who, **answers):
    save_expectations(
        match=cast.match, actor=getattr(cast, who), answers=answers, is_done=True, now=NOW
    )


def write(cast, who, *, based_on=0, **parts):
    return write_agreement(
        match=cast.match, actor=getattr(cast, who), based_on=based_on, before=EMPTY,
        parts=parts, now=NOW,
    )  # fmt: skip


@pytest.mark.parametrize("who", ["stranger", "program_manager", "hr_analyst", "it_administrator"])
@pytest.mark.parametrize(
    ("method", "name"),
    [
        ("post", "confirm"),
        ("get", "expectations"),
        ("post", "expectations"),
        ("get", "agreement"),
        ("get", "agreement/edit"),
        ("post", "agreement/edit"),
        ("post", "agreement/1/sign"),
    ],
)
def test_pages_are_for_the_people_of_the_match(cast, who, method, name):
    assert getattr(cast.client(who), method)(path(cast, name)).status_code == 404


@pytest.mark.parametrize("name", ["confirm", "agreement/1/sign"])
def test_acts_refuse_get(cast, name):
    assert cast.client("mentee").get(path(cast, name)).status_code == 405


def test_visitor_is_asked_to_sign_in(cast):
    answer = Client().get(path(cast, "agreement"))

    assert answer["Location"].startswith("/accounts/login/")


def test_match_page_lists_what_comes_first(cast):
    client = cast.client("mentee")
    text = client.get(f"/matches/{cast.match.pk}/").content.decode()
    assert "What comes first" in text
    assert "Yes to working together. Not sure? Meet first, this can wait." in text
    assert "I say yes" in text

    page = client.post(path(cast, "confirm"), follow=True).content.decode()

    assert "You said yes. Daniel has not yet." in page
    assert "I say yes" not in page
    assert MatchConfirmation.objects.get().user == cast.mentee
    partner = cast.client("mentor").get(f"/matches/{cast.match.pk}/").content.decode()
    assert "Priya said yes. Do you?" in partner


def test_match_page_asks_no_more_questions_than_before(cast, django_assert_max_num_queries):
    expect(cast, "mentee", rhythm="Every week")
    write(cast, "mentee", goals="Lead")
    client = cast.client("mentee")

    with django_assert_max_num_queries(15):
        client.get(f"/matches/{cast.match.pk}/")


def test_expectations_are_saved_for_later_and_then_for_good(cast):
    client = cast.client("mentee")
    text = client.get(path(cast, "expectations")).content.decode()
    assert "Yours alone until everybody has answered; then you and Daniel see" in text
    assert "checked" not in text

    client.post(path(cast, "expectations"), {"rhythm": "Every week", "later": "1"})
    assert ExpectationSheet.objects.get().answered_at is None
    assert "checked" in client.get(path(cast, "expectations")).content.decode()

    client.post(path(cast, "expectations"), {"rhythm": "Every week", "reach": ["Phone", "E-mail"]})

    assert answers_in(ExpectationSheet.objects.get()) == {
        "rhythm": "Every week",
        "reach": ["E-mail", "Phone"],
    }


def test_expectations_sent_first_lead_back_and_say_whom_one_waits_for(cast):
    client = cast.client("mentee")

    answer = client.post(path(cast, "expectations"), {"rhythm": "Every week"}, follow=True)

    assert answer.redirect_chain == [(f"/matches/{cast.match.pk}/", 302)]
    assert "You see each other’s answers as soon as everybody has answered." in (
        answer.content.decode()
    )


@pytest.mark.parametrize(
    "data", [{}, {"rhythm": "Every hour"}, {"limits": "x" * 2_001}, {"limits": "x" * 100_000}]
)
def test_expectations_that_cannot_be_keep_what_was_typed(cast, data):
    answer = cast.client("mentee").post(path(cast, "expectations"), data)

    assert answer.status_code == 422
    assert data.get("limits", "") in answer.content.decode()
    assert ExpectationSheet.objects.count() == 0


def test_partner_reads_nothing_before_both_have_answered(cast):
    expect(cast, "mentee", limits="No calls at night")

    page = cast.client("mentor").get(path(cast, "expectations")).content.decode()

    assert "No calls at night" not in page
    assert "No calls at night" not in (
        cast.client("mentor").get(path(cast, "agreement/edit")).content.decode()
    )


def test_both_compare_once_both_have_answered(cast):
    expect(cast, "mentee", rhythm="Every week", limits="No calls at night")
    expect(cast, "mentor", rhythm="Once a month")

    text = cast.client("mentor").get(path(cast, "expectations")).content.decode()

    assert "1 answer differs." in text
    assert "No calls at night" in text
    assert "Worth a talk" in text
    change = cast.client("mentor").get(path(cast, "expectations"), {"change": ""})
    assert "What do you expect?" in change.content.decode()


def test_agreement_starts_from_the_draft(cast):
    expect(cast, "mentee", rhythm="Every week")
    expect(cast, "mentor", rhythm="Every week")

    page = cast.client("mentee").get(path(cast, "agreement"), follow=True)

    assert page.redirect_chain[-1][0] == path(cast, "agreement/edit")
    assert "Meetings: Every week." in page.content.decode()
    assert "Drafted from your answers." in page.content.decode()


def test_agreement_is_saved_signed_and_read(cast):
    mentee, mentor = cast.client("mentee"), cast.client("mentor")
    mentee.post(path(cast, "agreement/edit"), {"based_on": "0", "goals": "Lead a team"})

    text = mentor.get(path(cast, "agreement")).content.decode()
    assert "Lead a team" in text
    assert "Waits for signatures" in text

    for client in (mentee, mentor):
        client.post(path(cast, "agreement/1/sign"))

    text = mentor.get(path(cast, "agreement")).content.decode()
    assert "Signed by both" in text
    assert "Signed on" in text
    manager = cast.client("program_manager").get(f"/matches/{cast.match.pk}/").content.decode()
    assert "Agreement signed on" in manager
    assert "Lead a team" not in manager


def test_second_of_two_writers_gets_both_back(cast):
    write(cast, "mentee", goals="Lead")
    write(cast, "mentee", based_on=1, goals="Lead a team", rhythm="Every week")
    client = cast.client("mentor")

    answer = client.post(path(cast, "agreement/edit"), {"based_on": "1", "goals": "Lead with care"})

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Priya saved a version meanwhile." in text
    assert "Lead a team" in text
    assert "Lead with care" in text
    assert "Every week" in text
    assert 'name="based_on" value="2"' in text
    assert "<title>Error:" in text

    client.post(
        path(cast, "agreement/edit"),
        {"based_on": "2", "goals": "Lead a team with care", "rhythm": "Every week"},
    )
    assert parts_of(AgreementVersion.objects.get(number=3))["goals"] == "Lead a team with care"


@pytest.mark.parametrize("data", [{"based_on": "0"}, {"based_on": "0", "goals": "x" * 5_001}])
def test_agreement_that_cannot_be_keeps_what_was_typed(cast, data):
    answer = cast.client("mentee").post(path(cast, "agreement/edit"), data)

    assert answer.status_code == 422
    assert data.get("goals", "") in answer.content.decode()


def test_signing_what_was_replaced_says_so(cast):
    write(cast, "mentee", goals="Lead")
    write(cast, "mentee", based_on=1, goals="Lead a team")

    page = cast.client("mentor").post(path(cast, "agreement/1/sign"), follow=True)

    assert "The agreement was changed meanwhile." in page.content.decode()


def test_earlier_version_stays_readable(cast):
    write(cast, "mentee", goals="Lead")
    write(cast, "mentee", based_on=1, goals="Grow")

    text = cast.client("mentor").get(path(cast, "agreement/1")).content.decode()

    assert "Lead" in text
    assert "This version was replaced." in text
    assert cast.client("mentor").get(path(cast, "agreement/9")).status_code == 404


def test_ended_match_is_readable_and_not_writable(cast):
    write(cast, "mentee", goals="Lead")
    sign_agreement(match=cast.match, actor=cast.mentee, number=1, now=NOW)
    end_match(match=cast.match, actor=cast.mentor, now=NOW, reason="no_time")
    client = cast.client("mentee")

    assert "Lead" in client.get(path(cast, "agreement")).content.decode()
    assert client.get(path(cast, "agreement/edit")).status_code == 404
    page = client.post(path(cast, "confirm"), follow=True).content.decode()
    assert "This match has ended." in page


def test_who_left_a_circle_reads_its_words_no_more(cast):
    write(cast, "mentee", goals="Lead")
    cast.match.members.filter(user=cast.mentor).update(left_at=NOW)

    assert cast.client("mentor").get(path(cast, "agreement")).status_code == 404


def test_manager_who_is_a_member_signs_as_a_member(cast):
    grant(cast.mentor, "manager", cast.program)
    write(cast, "mentee", goals="Lead")

    assert cast.client("mentor").get(path(cast, "agreement")).status_code == 200


def test_misfit_page_says_who_reads_it_and_thanks(cast):
    client = cast.client("mentee")
    text = client.get(f"/check-ins/fit/matches/{cast.match.pk}/").content.decode()
    assert "What you write goes to Marta Kowalczyk, and you hear from them." in text
    assert "If the match ends, that is said kindly to Daniel, and never why." in text

    page = client.post(
        f"/check-ins/fit/matches/{cast.match.pk}/", {"words": "Too far apart"}, follow=True
    )

    assert "your answer is “Not a good fit”" in page.content.decode()
    assert "Too far apart" in page.content.decode()
    partner = cast.client("mentor").get(f"/matches/{cast.match.pk}/").content.decode()
    assert "Too far apart" not in partner
    manager = cast.client("program_manager").get(f"/matches/{cast.match.pk}/").content.decode()
    assert "Too far apart" in manager


@pytest.mark.parametrize("who", ["program_manager", "stranger"])
def test_misfit_page_is_for_the_people_of_the_match(cast, who):
    answer = cast.client(who).post(f"/check-ins/fit/matches/{cast.match.pk}/", {"words": "x"})

    assert answer.status_code == 404
