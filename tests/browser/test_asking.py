"""One tap from a mail, the queue's life, and a message to a group, as people do them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.services import confirm_address
from feedback.models import CheckIn
from feedback.services import plan_check_ins
from matching.models import Match
from notifications.models import MessagePreference
from programs.models import Cohort
from sessions.models import Meeting
from support.models import WorkItem
from support.services import judge_all, raise_items
from tests.browser.driving import go, links_in, look_over, mails_to, sign_in, wait_for
from tests.conftest import PASSWORD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("working"),
]


def test_one_tap_from_a_mail_answers_and_a_forwarded_mail_tells_nothing(
    cast, open_page, mail_server
):
    # Whatever day and hour it is, this mail need not wait for another.
    MessagePreference.objects.create(user=cast.mentee, days_off=[], changed_at=timezone.now())
    today = timezone.localdate()
    Cohort.objects.filter(pk=cast.cohort.pk).update(starts_on=today - timedelta(days=14))
    Match.objects.update(started_on=today - timedelta(days=14))
    plan_check_ins(now=timezone.now())
    (received,) = wait_for(lambda: mails_to(mail_server, cast.mentee.email), what="The mail")
    link = next(found for found in links_in(received) if found.endswith("?a=met"))

    page = open_page(width=390, height=800)
    page.goto(link)
    assert not CheckIn.objects.filter(status="answered").exists()
    page.get_by_role("button", name="We met").click()
    expect(page.get_by_text("Your answer is saved: We met.")).to_be_visible()
    look_over(page)

    forwarded = open_page()
    forwarded.goto(link.partition("?")[0])
    expect(forwarded.get_by_text("You have answered already.")).to_be_visible()
    expect(forwarded.get_by_text("Your answer is saved")).to_have_count(0)

    confirm_address(person=cast.mentee)
    sign_in(page, cast.mentee.email, PASSWORD)
    # What she has answered by the mail is not new to her here.
    page.get_by_role("link", name="Inbox", exact=True).first.click()
    look_over(page)
    page.get_by_role("link", name="Have you and Daniel met?").click()
    expect(page.get_by_role("heading", name="Check-ins", exact=True)).to_be_visible()
    assert page.findings + forwarded.findings == []


def test_manager_looks_ahead_and_reads_what_would_go_on_a_day(cast, open_page):
    confirm_address(person=cast.program_manager)
    today = timezone.localdate()
    Cohort.objects.filter(pk=cast.cohort.pk).update(
        starts_on=today - timedelta(days=12), ends_on=today + timedelta(days=270)
    )
    Match.objects.update(started_on=today - timedelta(days=12))
    page = open_page()
    sign_in(page, cast.program_manager.email, PASSWORD)
    go(page, f"/support/cohorts/{cast.cohort.pk}/mail/")
    page.get_by_role("link", name="What will be sent").click()
    page.get_by_role("button", name="Look ahead").click()
    expect(page.get_by_role("heading", name="Day by day")).to_be_visible()
    look_over(page)
    page.get_by_role("listitem").filter(has_text="Check-ins").get_by_role("link").first.click()
    expect(page.get_by_text("Have you and Priya met?")).to_be_attached()
    look_over(page)
    assert not CheckIn.objects.exists()
    assert page.findings == []


def test_item_of_the_queue_leads_to_a_message_and_an_outcome(cast, open_page):
    confirm_address(person=cast.program_manager)
    Match.objects.update(started_on=timezone.localdate() - timedelta(days=50))
    Meeting.objects.create(
        match=cast.match, held_on=timezone.localdate() - timedelta(days=40), status="held"
    )
    judge_all(now=timezone.now())
    raise_items(now=timezone.now())
    page = open_page()
    sign_in(page, cast.program_manager.email, PASSWORD)
    go(page, "/support/queue/")
    page.get_by_role("link", name="Priya Raman and Daniel Osei", exact=True).click()
    page.get_by_role("button", name="I take care of it").click()
    page.get_by_role("button", name="A message").click()
    expect(page.get_by_role("heading", name="Who gets it")).to_be_visible()
    look_over(page)
    page.get_by_role("button", name="Send to 2 people").click()
    expect(page.get_by_text("Meant for 2 people")).to_be_visible()

    page.get_by_role("link", name="Back to the item").click()
    look_over(page)
    page.get_by_label("Talked with them").check()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Nobody needs you right now")).to_be_visible()
    assert WorkItem.objects.get().outcome == "talked"
    assert page.findings == []


def test_message_to_a_group_shows_its_names_before_it_goes(cast, open_page, mail_server):
    confirm_address(person=cast.program_manager)
    page = open_page()
    sign_in(page, cast.program_manager.email, PASSWORD)
    go(page, f"/support/cohorts/{cast.cohort.pk}/messages/")
    page.get_by_role("link", name="Pairs that have not met yet").click()
    look_over(page)
    page.get_by_role("button", name="Look at it").click()
    page.get_by_role("button", name="Send it to me first").click()
    (received,) = wait_for(
        lambda: mails_to(mail_server, cast.program_manager.email), what="The try"
    )
    assert received.mail["Subject"].startswith("Test: ")
    page.get_by_role("button", name="Send to 2 people").click()
    expect(page.get_by_text("Meant for 2 people")).to_be_visible()
    assert page.findings == []
