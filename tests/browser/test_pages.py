"""Pages by keyboard, without JavaScript, on narrow windows and under the content policy."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.services import confirm_address
from core.jobs import JobStatus
from feedback.models import CheckIn
from matching.models import Match, PairingRun, Proposal, ProposalState
from matching.services.policy import ensure_policy, policy_snapshot
from programs.models import Cohort, CohortStatus
from sessions.models import Meeting
from tests.browser.driving import WIDER_THAN_THE_WINDOW, go, note, sign_in
from tests.conftest import NOW, PASSWORD, enrol, make_cohort, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STAFF_PAGES = (
    "/",
    "/cohorts/",
    "/cohorts/{cohort}/setup/",
    "/people/cohorts/{cohort}/",
    "/people/cohorts/{cohort}/import/",
    "/people/cohorts/{cohort}/add/",
    "/pairing/cohorts/{cohort}/",
    "/pairing/runs/{run}/",
    "/pairing/runs/{run}/publish/",
    "/reports/cohorts/{cohort}/",
    "/reports/cohorts/{cohort}/pairs/",
    "/reports/",
    "/matches/{match}/",
    "/meetings/{meeting}/",
)
PEOPLE_PAGES = (
    "/",
    "/matches/{match}/",
    "/matches/{match}/end/",
    "/enrolments/{enrolment}/",
    "/meetings/",
    "/meetings/log/{match}/",
    "/meetings/{meeting}/",
    "/check-ins/",
    "/messages/settings/",
    "/account/",
    "/account/tokens/",
    "/accounts/2fa/",
    "/accounts/sessions/",
    "/api/",
)


@pytest.fixture
def people(cast):
    """Return the cast, every address confirmed, in a cohort that runs today."""
    for name in ("program_manager", "mentor", "mentee", "hr_analyst"):
        confirm_address(person=getattr(cast, name))
    start = date.today() - timedelta(days=30)
    Cohort.objects.filter(pk=cast.cohort.pk).update(
        enrolment_opens_on=start - timedelta(days=30),
        enrolment_closes_on=start,
        starts_on=start,
        ends_on=start + timedelta(days=280),
    )
    Match.objects.filter(pk=cast.match.pk).update(started_on=start)
    return cast


@pytest.fixture
def run(people) -> PairingRun:
    """Return a finished run with one pair, ready to be published."""
    cohort = make_cohort(people.program, name="Winter", status=CohortStatus.PAIRING)
    policy = ensure_policy(cohort=cohort)
    mentor = enrol(cohort, make_person("nia@example.org", "Nia Vogel"), "mentor")
    mentee = enrol(cohort, make_person("tom@example.org", "Tom Ek"), "mentee")
    run = PairingRun.objects.create(
        cohort=cohort,
        status=JobStatus.DONE,
        created_at=NOW,
        finished_at=NOW,
        requested_by=people.program_manager,
        policy_snapshot=policy_snapshot(policy),
        result={"pairs": 1},
    )
    Proposal.objects.create(run=run, mentor=mentor, mentee=mentee, score=700_000)
    return run


@pytest.fixture
def places(people, run) -> dict[str, int]:
    """Return the ids that stand in the addresses of pages, with something on each page."""
    meeting = Meeting.objects.create(
        match=people.match,
        status="held",
        held_on=date.today(),
        logged_by=people.mentee,
        logged_at=timezone.now(),
    )
    CheckIn.objects.create(
        match=people.match,
        user=people.mentee,
        due_on=date.today() - timedelta(days=1),
        created_at=timezone.now(),
    )
    return {
        "cohort": run.cohort_id,
        "run": run.pk,
        "match": people.match.pk,
        "meeting": meeting.pk,
        "enrolment": people.mentee_enrolment.pk,
    }


def test_sign_in_by_keyboard_alone_opens_home(people, open_page):
    page = open_page()
    go(page, "/accounts/login/")
    _tab_to(page, "input[name=login]")
    page.keyboard.type("priya@example.org")
    _tab_to(page, "input[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")
    expect(page.get_by_role("heading", name="Daniel Osei", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_meeting_is_logged_without_javascript(people, open_page):
    page = open_page(width=390, java_script_enabled=False)
    sign_in(page, "priya@example.org", PASSWORD)
    page.get_by_role("link", name="We met: log it").first.click()
    page.get_by_label("Shared summary").fill("We met without a script.")
    page.get_by_role("radio", name="Phone").check(force=True)
    page.get_by_role("button", name="We met: save").click()

    expect(page.get_by_text("Meeting saved.")).to_be_visible()
    meeting = Meeting.objects.get()
    go(page, f"/meetings/{meeting.pk}/")
    expect(page.get_by_text("We met without a script.")).to_be_visible()
    assert (meeting.match_id, meeting.how) == (people.match.pk, "phone")


def test_pair_is_locked_and_published_without_javascript(people, run, open_page):
    page = open_page(java_script_enabled=False)
    sign_in(page, "marta@example.org", PASSWORD)
    go(page, f"/pairing/runs/{run.pk}/")
    page.get_by_role("button", name="Lock Tom Ek with Nia Vogel").click()
    page.get_by_role("button", name="Locked Tom Ek with Nia Vogel").wait_for()
    assert run.proposals.get().state == ProposalState.LOCKED
    page.get_by_label("Matching steps").get_by_role("link").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Publish these pairs?")
    page.get_by_role("button", name="Publish 1 pair").click()

    expect(page.get_by_text("Start a new run for people who still wait.")).to_be_visible()
    assert run.cohort.matches.count() == 1


@pytest.mark.parametrize(
    ("email", "paths"),
    [
        ("marta@example.org", STAFF_PAGES),
        ("priya@example.org", PEOPLE_PAGES),
        ("jun@example.org", ("/", "/reports/", "/reports/dictionary/")),
    ],
    ids=["program_manager", "mentee", "hr_analyst"],
)
def test_pages_fit_narrow_windows_and_obey_the_content_policy(places, open_page, email, paths):
    page = open_page()
    sign_in(page, email, PASSWORD)
    for path in paths:
        go(page, path.format(**places))
        for width in (390, 320):
            page.set_viewport_size({"width": width, "height": 800})
            if path != "/api/":  # the reader of the API's description is for wide windows
                note(page, page.evaluate(WIDER_THAN_THE_WINDOW), f"too wide for {width} px")
    assert page.findings == [], "\n".join(page.findings)


def _tab_to(page: Page, selector: str) -> None:
    for _step in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab does not reach {selector}")
