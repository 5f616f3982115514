"""The first two months of a match, in two browsers: Auckland on a phone, New York at a desk.

Saying yes, comparing expectations, an agreement that both sign, a goal that both find realistic, a
message, and the meetings of April and May 2027; Auckland puts its clocks back on 4 April.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from playwright.sync_api import Page, expect

from accounts.services import confirm_address
from goals.models import Goal
from matching.models import AgreementSignature, MatchConfirmation
from sessions.models import Meeting
from tests.browser.driving import go, look_over, sign_in
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BEFORE_THE_CHANGE = datetime(2027, 4, 1, 22, 0, tzinfo=UTC)  # Friday 11:00 and Thursday 18:00
AFTER_IT = datetime(2027, 5, 6, 22, 0, tzinfo=UTC)  # Friday 10:00 and Thursday 18:00


@pytest.fixture
def clock(cast) -> Iterator[time_machine.Coordinates]:
    for person, zone in ((cast.mentor, "Pacific/Auckland"), (cast.mentee, "America/New_York")):
        person.time_zone = zone
        person.save(update_fields=["time_zone"])
        confirm_address(person=person)
    cast.match.started_on = BEFORE_THE_CHANGE.date()
    cast.match.save(update_fields=["started_on"])
    with time_machine.travel(BEFORE_THE_CHANGE, tick=True) as clock:
        yield clock


def expect_of_each_other(page: Page, pk: int, *, rhythm: str) -> None:
    go(page, f"/matches/{pk}/expectations/")
    page.get_by_label(rhythm, exact=True).check()
    page.get_by_label("45 minutes", exact=True).check()
    page.get_by_role("button", name="These are my answers").click()


def log_today(page: Page, pk: int, *, summary: str) -> None:
    go(page, f"/meetings/log/{pk}/")
    page.get_by_role("textbox", name="Shared summary").fill(summary)
    page.get_by_role("button", name="We met: save").click()
    expect(page.get_by_text("Meeting saved.")).to_be_visible()


def test_pair_begins_grows_and_meets_over_two_months(cast, clock, mail_server, open_page):
    match = cast.match.pk
    mentor = open_page(width=390, height=844, has_touch=True)
    mentee = open_page()
    sign_in(mentor, cast.mentor.email, PASSWORD)
    sign_in(mentee, cast.mentee.email, PASSWORD)

    # Both say yes.
    for page in (mentor, mentee):
        go(page, f"/matches/{match}/")
        page.get_by_role("button", name="I say yes").click()
        expect(page.get_by_role("button", name="I say yes")).to_have_count(0)
    assert MatchConfirmation.objects.filter(match=cast.match).count() == 2

    # What they expect differs in one point, and each sees it only once both have answered.
    expect_of_each_other(mentee, match, rhythm="Every week")
    expect(mentee.get_by_role("heading", name="side by side")).to_have_count(0)
    expect_of_each_other(mentor, match, rhythm="Once a month")
    expect(mentor.get_by_text("1 answer differs")).to_be_visible()
    expect(mentor.locator(".differs")).to_contain_text("Every week")
    look_over(mentor)

    # The agreement is drafted from that, put right by one, and signed by both.
    mentor.get_by_role("link", name="Draft the agreement").click()
    rhythm = mentor.get_by_role("textbox", name="How we meet")
    rhythm.fill("Every two weeks for 45 minutes, on Thursdays in New York.")
    mentor.get_by_role("button", name="Save", exact=True).click()
    for page in (mentor, mentee):
        go(page, f"/matches/{match}/agreement/")
        expect(page.locator("article")).to_contain_text("Every two weeks for 45 minutes")
        page.get_by_role("button", name="Sign", exact=True).click()
    expect(mentee.get_by_text("Signed by both")).to_be_visible()
    assert AgreementSignature.objects.count() == 2
    look_over(mentee)

    # The mentee sets a goal that both find realistic.
    go(mentee, f"/goals/new/{match}/")
    mentee.get_by_role("textbox", name="What do you want?").fill("Lead the spring release")
    mentee.get_by_role("textbox", name="Why does it matter").fill("I want to run a whole project")
    mentee.locator("input[name=visibility][value=us]").check()
    mentee.get_by_role("button", name="Set this goal").click()
    expect(mentee.get_by_role("heading", level=1)).to_have_text("Lead the spring release")
    goal = Goal.objects.get()
    for page in (mentee, mentor):
        go(page, f"/goals/{goal.pk}/")
        page.get_by_role("button", name="I find it realistic").click()
        expect(page.get_by_text("You find it realistic")).to_be_visible()

    # A word between the meetings, and the first meeting, told by one and added to by the other.
    go(mentor, f"/matches/{match}/messages/")
    mentor.get_by_role("textbox").last.fill("Good luck with the plan on Monday!")
    mentor.get_by_role("button", name="Send").click()
    go(mentee, f"/matches/{match}/messages/")
    expect(mentee.locator(".bubble")).to_have_text("Good luck with the plan on Monday!")
    log_today(mentee, match, summary="Went through the release plan.")

    # Five weeks later, on the other side of Auckland's change of clocks.
    clock.move_to(AFTER_IT)
    sign_in(mentor, cast.mentor.email, PASSWORD)
    sign_in(mentee, cast.mentee.email, PASSWORD)
    log_today(mentor, match, summary="Looked at what the team said.")
    go(mentee, f"/goals/{goal.pk}/progress/")
    mentee.get_by_label("Half", exact=True).check()
    mentee.get_by_role("textbox", name="What happened?").fill("First half is out")
    mentee.get_by_role("button", name="Save", exact=True).click()
    go(mentor, f"/goals/{goal.pk}/")
    expect(mentor.locator("main")).to_contain_text("First half is out")
    expect(mentor.locator("main")).to_contain_text("50 %")
    look_over(mentor)

    first, second = Meeting.objects.order_by("held_on")
    assert (first.held_on.isoformat(), second.held_on.isoformat()) == ("2027-04-01", "2027-05-07")
    go(mentee, f"/meetings/{second.pk}/")
    expect(mentee.locator("main")).to_contain_text("Looked at what the team said.")
    look_over(mentee)
    findings = [line for page in (mentee, mentor) for line in page.findings]
    assert findings == [], "\n".join(findings)
