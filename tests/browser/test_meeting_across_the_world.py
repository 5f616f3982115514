"""A mentor in Auckland and a mentee in New York find a time, in two browsers side by side.

It is the end of March 2027: New York has put its clocks forward, Auckland puts its own back on
4 April.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from playwright.sync_api import expect

from accounts.services import confirm_address
from sessions.models import LogDraft, Meeting, MeetingProposal
from tests.browser.driving import go, look_over, sign_in, wait_for
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOW = datetime(2027, 3, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def pair(cast) -> Iterator[None]:
    """Put the cast's pair at both ends of the world, with hours that meet twice a day."""
    for person, zone in ((cast.mentor, "Pacific/Auckland"), (cast.mentee, "America/New_York")):
        person.time_zone = zone
        person.save(update_fields=["time_zone"])
        confirm_address(person=person)
    cast.cohort.phases.create(
        name="Now",
        starts_on=date(2027, 3, 1),
        ends_on=date(2027, 5, 1),
        agenda="The one thing for today",
    )
    with time_machine.travel(NOW, tick=True):
        yield


def test_pair_finds_a_time_and_meets_over_a_clock_change(cast, pair, mail_server, open_page):
    mentee = open_page(width=390, height=844, has_touch=True)
    mentor = open_page()
    sign_in(mentee, cast.mentee.email, PASSWORD)
    sign_in(mentor, cast.mentor.email, PASSWORD)

    # The mentee offers two suggested times, on both sides of Auckland's clock change.
    go(mentee, "/")
    mentee.get_by_role("link", name="Offer times").first.click()
    look_over(mentee)
    rows = mentee.locator("#id_picks li")
    texts = rows.all_inner_texts()
    assert all(re.search(r"(Tues|Wednes|Thurs|Fri|Satur)day \d\d:\d\d in Auckland", text)
               for text in texts), texts  # fmt: skip
    rows.nth(0).get_by_role("checkbox").check()
    rows.nth(len(texts) - 1).get_by_role("checkbox").check()
    mentee.get_by_role("button", name="Offer these times").click()
    expect(mentee.get_by_role("heading", name="Times you offered")).to_be_visible()
    early, late = MeetingProposal.objects.get().slots.order_by("starts_at")
    assert early.starts_at < datetime(2027, 4, 3, 14, tzinfo=UTC) < late.starts_at

    # The mentor takes the later one, and both read it on their own clock.
    go(mentor, "/")
    mentor.get_by_role("link", name="Choose a time").click()
    look_over(mentor)
    mentor.get_by_role("radio").nth(1).check()
    mentor.get_by_role("button", name="Take this time").click()
    expect(mentor.get_by_role("heading", level=1)).to_contain_text("April")
    meeting = Meeting.objects.get()
    assert meeting.starts_at == late.starts_at
    local = meeting.starts_at + timedelta(hours=12)  # NZST, after the change
    expect(mentor.get_by_role("heading", level=1)).to_contain_text(f"{local:%H:%M}–")
    go(mentee, f"/meetings/{meeting.pk}/")
    here = meeting.starts_at - timedelta(hours=4)  # EDT
    expect(mentee.get_by_role("heading", level=1)).to_contain_text(f"{here:%H:%M}–")
    expect(mentee.locator("main")).to_contain_text(f"{local:%A %H:%M} in Auckland for Daniel")
    look_over(mentee)

    # Both prepare it; nothing reloads.
    mentee.get_by_role("button", name="Use these").click()
    expect(mentee.get_by_role("button", name="Use these")).to_have_count(0)
    mentee.get_by_placeholder("What would you like to talk about?").fill("My first budget")
    mentee.get_by_role("button", name="Add", exact=True).click()
    expect(mentee.locator("#agenda-card li")).to_have_count(2)
    go(mentor, f"/meetings/{meeting.pk}/")
    expect(mentor.locator("#agenda-card")).to_contain_text("My first budget")
    look_over(mentor)
    findings = [line for page in (mentee, mentor) for line in page.findings]
    assert findings == [], "\n".join(findings)


def test_typed_log_survives_a_closed_window(cast, pair, mail_server, open_page):
    page = open_page(width=390, height=844, has_touch=True)
    sign_in(page, cast.mentee.email, PASSWORD)
    go(page, f"/meetings/log/{cast.match.pk}/")

    page.get_by_role("textbox", name="Private notes").fill("Ask about the pay conversation")
    expect(page.locator("#draft-said")).to_contain_text("Only you can read it")
    wait_for(LogDraft.objects.exists, what="The draft")
    go(page, f"/meetings/log/{cast.match.pk}/")

    expect(page.get_by_role("textbox", name="Private notes")).to_have_value(
        "Ask about the pay conversation"
    )
    look_over(page)
    page.get_by_role("button", name="Begin anew").click()
    expect(page.get_by_role("textbox", name="Private notes")).to_have_value("")
    assert not LogDraft.objects.exists()
    assert page.findings == [], "\n".join(page.findings)
