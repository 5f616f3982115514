"""The program manager's part of the story: set up, import, pair, publish."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from matching.models import Proposal, ProposalState
from programs.models import Cohort
from tests.browser.driving import go, look_over

PEOPLE = Path(__file__).parent.parent / "data" / "people" / "civil-service-50"
BROKEN_ROW = "No,Address,not-an-address,no,Some role,SEO,Department of Joy,DDaT,,"
BROKEN_MESSAGE = "not-an-address"
LATE_MENTORS = (
    "first name,last name,email address,grade,organisation,profession\n"
    "Late,Arrival,late.arrival@gov.uk,SCS1,Department of Joy,DDaT\n"
    "Later,Still,later.still@gov.uk,SCS2,Department of Love,Policy\n"
)


def create_cohort(page: Page) -> Cohort:
    """Fill in the admin's form, first with days in the wrong order."""
    today = date.today()
    go(page, "/admin/programs/cohort/add/")
    look_over(page)
    page.locator("[name=program]").select_option(label="Rising Leaders")
    page.locator("[name=name]").fill("Winter")
    _fill_days(page, "enrolment_opens_on", today - timedelta(days=40))
    _fill_days(page, "enrolment_closes_on", today)
    _fill_days(page, "starts_on", today)
    _fill_days(page, "ends_on", today - timedelta(days=280))
    _save(page)
    expect(page.get_by_text("The cohort ends before it starts. Check both days.")).to_be_visible()
    _fill_days(page, "ends_on", today + timedelta(days=280))
    _save(page)
    return Cohort.objects.get(name="Winter")


def see_what_is_missing(page: Page, cohort: Cohort) -> None:
    """Read the checklist, on which the first step is closed."""
    go(page, f"/cohorts/{cohort.pk}/setup/")
    for line in ("Phases with dates", "Enrolment form", "Somebody to ask"):
        row = page.get_by_role("listitem").filter(has_text=line).first
        expect(row.get_by_label("Missing")).to_be_visible()
    expect(page.get_by_role("button", name="Move to: Enrolling")).to_be_disabled()
    look_over(page)


def mend_what_is_missing(page: Page, cohort: Cohort) -> None:
    """Add a phase, a contact, a question and the policy, each in the admin."""
    go(page, f"/admin/programs/cohort/{cohort.pk}/change/")
    look_over(page)
    page.locator("a[href='#phases']").first.click()
    _add_row(page, "phases")
    page.locator("[name=phases-0-name]").fill("Getting to know each other")
    page.locator("[name=phases-0-purpose]").fill("Agree on what you want from this.")
    _fill_days(page, "phases-0-starts_on", cohort.starts_on)
    _fill_days(page, "phases-0-ends_on", cohort.starts_on + timedelta(days=60))
    _save(page)
    go(page, f"/admin/programs/program/{cohort.program_id}/change/")
    page.locator("[name=contact_name]").fill("Marta Kowalczyk")
    page.locator("[name=contact_email]").fill("marta@example.org")
    _save(page)
    form = cohort.forms.get()
    go(page, f"/admin/programs/enrolmentform/{form.pk}/change/")
    _add_row(page, "questions")
    page.locator("[name=questions-0-label]").fill("What do you want to get better at?")
    page.locator("[name=questions-0-key]").fill("main-goal")
    page.locator("[name=questions-0-kind]").select_option("text")
    _save(page)


def choose_policy(page: Page, cohort: Cohort) -> None:
    """Say what counts and how much, in the admin."""
    go(page, "/admin/matching/pairingpolicy/add/")
    look_over(page)
    page.locator("[name=cohort]").select_option(value=str(cohort.pk))
    page.locator("[name=minimum_fit]").fill("20")
    page.locator("a[href='#criteria']").first.click()
    for number, (kind, weight) in enumerate((("function", "70"), ("seniority", "30"))):
        _add_row(page, "criteria")
        page.locator(f"[name=criteria-{number}-kind]").select_option(kind)
        page.locator(f"[name=criteria-{number}-weight]").fill(weight)
    _save(page)


def move(page: Page, cohort: Cohort, step: str) -> None:
    """Take the next step on the checklist's page."""
    go(page, f"/cohorts/{cohort.pk}/setup/")
    page.get_by_role("button", name=f"Move to: {step}").click()
    expect(page.get_by_role("button", name=f"Move to: {step}")).to_have_count(0)
    cohort.refresh_from_db()
    assert cohort.get_status_display() == step


def import_people(page: Page, cohort: Cohort, role: str, name: str, text: str) -> None:
    """Upload, map, and read the preview."""
    go(page, f"/people/cohorts/{cohort.pk}/import/")
    page.get_by_role("radio", name=role, exact=True).check(force=True)
    file = {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    page.get_by_label("File", exact=True).set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Read this file").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(re.compile("What do the columns mean|What will happen"))
    if "columns" in heading.inner_text():
        page.get_by_role("button", name="Show me what will happen").click()
    expect(heading).to_have_text("What will happen")


def confirm_import(page: Page, count: int) -> None:
    """Confirm, and watch the worker until it is done."""
    page.get_by_role("button", name=f"Import {count} rows").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The import is done")


def import_mentors_with_a_problem(page: Page, cohort: Cohort) -> None:
    text = f"{(PEOPLE / 'mentors.csv').read_text('utf-8').rstrip()}\n{BROKEN_ROW}\n"
    import_people(page, cohort, "Mentors", "mentors.csv", text)
    expect(page.get_by_text(BROKEN_MESSAGE).first).to_be_attached()
    look_over(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Problem rows as a file").click()
    rows = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert len(rows) == 2
    assert BROKEN_MESSAGE in rows[1]
    assert any("mail" in cell and len(cell) > len(BROKEN_MESSAGE) for cell in rows[1])
    confirm_import(page, 50)
    look_over(page)


def import_and_undo(page: Page, cohort: Cohort) -> None:
    """Take a list back that should not have gone in."""
    import_people(page, cohort, "Mentors", "late.csv", LATE_MENTORS)
    confirm_import(page, 2)
    assert cohort.enrolments.count() == 102
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The import is undone")
    assert cohort.enrolments.count() == 100
    assert not User.objects.filter(email="late.arrival@gov.uk").exists()


def find_pairs(page: Page, cohort: Cohort) -> None:
    """Start a run and watch it until the review shows."""
    go(page, f"/pairing/cohorts/{cohort.pk}/")
    look_over(page)
    page.get_by_role("button", name="Find pairs").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Review matches")
    look_over(page)


def review_pairs(page: Page) -> Proposal:
    """Lock one pair, reject one, give its mentor to another mentee; return the locked pair."""
    run = Proposal.objects.select_related("run").first().run  # type: ignore[union-attr]
    cards = page.locator("#pair-list > li.match")
    locked, rejected, swapped = (_proposal_of(cards.nth(number)) for number in range(3))
    _act(page, locked, "Lock")
    expect(_button(page, locked, "Locked")).to_have_attribute("aria-pressed", "true")
    _act(page, rejected, "Reject")
    expect(page.locator(f"#pair-{rejected.pk}").get_by_text("Rejected")).to_be_visible()
    page.locator(f"#pair-{swapped.pk}").get_by_role("link", name=re.compile("^Swap")).click()
    look_over(page)
    page.get_by_label("Mentor", exact=True).select_option(value=str(rejected.mentor_id))
    page.get_by_role("button", name="Swap").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Review matches")
    assert run.proposals.filter(
        mentee=swapped.mentee_id, mentor=rejected.mentor_id, state=ProposalState.LOCKED
    ).exists()
    locked.refresh_from_db()
    assert locked.state == ProposalState.LOCKED
    return locked


def publish(page: Page, cohort: Cohort) -> None:
    """Publish with the summary of who is told what in between."""
    opener = page.locator("#publish-bar").get_by_role("link", name=re.compile("^Publish"))
    ready = int(re.findall(r"\d+", opener.inner_text())[0])
    opener.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Publish these pairs?")
    look_over(page)
    assert cohort.matches.count() == 0
    page.get_by_role("button", name=re.compile("^Publish")).click()
    expect(page.get_by_text("Start a new run for people who still wait.")).to_be_visible()
    assert cohort.matches.count() == ready
    look_over(page)


def _proposal_of(card: Locator) -> Proposal:
    pk = int((card.get_attribute("id") or "").removeprefix("pair-"))
    return Proposal.objects.get(pk=pk)


def _button(page: Page, proposal: Proposal, name: str) -> Locator:
    card = page.locator(f"#pair-{proposal.pk}")
    return card.get_by_role("button", name=re.compile(f"^{name}"))


def _act(page: Page, proposal: Proposal, name: str) -> None:
    _button(page, proposal, name).click()


def _fill_days(page: Page, name: str, day: date) -> None:
    page.locator(f"[name={name}]").fill(day.isoformat())
    page.keyboard.press("Escape")


def _add_row(page: Page, prefix: str) -> None:
    """Add a row to a table of the admin."""
    page.locator(f"#{prefix}-group").get_by_text(re.compile("^Add another")).first.click()


def _save(page: Page) -> None:
    page.locator("[name=_save]").first.click()
    page.wait_for_load_state()
