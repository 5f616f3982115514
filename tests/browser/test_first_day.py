"""A manager's first day: from a program without cohorts to published matches, with no help.

She finds her way by what pages show: after signing in no address is typed, only links and buttons
that stand on the page before are followed.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import Level, Role
from accounts.services import confirm_address
from programs.models import Cohort, Program
from tests.browser.driving import look_over, sign_in
from tests.conftest import PASSWORD, grant, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PEOPLE = Path(__file__).parent.parent / "data" / "people" / "civil-service-50"
LADDER = "AA AO EO HEO SEO Grade_7 Grade_6 SCS1 SCS2 SCS3 SCS4"
# What a person needs for each, in seconds: Card, Moran and Newell's keystroke-level model for
# pointing, pressing, deciding and typing; 28 % of a page's words (Nielsen 2008), at 240 a minute,
# of what stands on the first two screens.
A_CLICK, A_KEY, A_WORD = 2.65, 0.28, 0.28 * 60 / 240
WORDS_IN_SIGHT = """
() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let words = 0;
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const box = node.parentElement.getBoundingClientRect();
        if (box.width && box.height && box.top < 2 * innerHeight) {
            words += node.textContent.split(/\\s+/).filter(Boolean).length;
        }
    }
    return words;
}
"""
LIMIT_SECONDS = 15 * 60


class Hands:
    """Follows what a page shows, and counts what a person would do and wait for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = self.keys = self.words = self.pages = 0
        self.waited = 0.0

    def press(self, role: str, name: str, *, to: str) -> None:
        """Press a link or button and wait for the heading of the page it leads to."""
        self.use(self.page.get_by_role(role, name=re.compile(name)).first)  # type: ignore[arg-type]
        self.wait(to)

    def use(self, where: Locator) -> None:
        expect(where).to_be_visible()
        where.click()
        self.clicks += 1

    def write(self, label: str, text: str) -> None:
        self.page.get_by_label(re.compile(label)).first.fill(text)
        self.clicks += 1
        self.keys += len(text)

    def wait(self, heading: str) -> None:
        """Wait for a page and read it."""
        began = time.monotonic()
        shown = self.page.get_by_role("heading", level=1)
        expect(shown).to_have_text(re.compile(heading), timeout=60_000)
        self.waited += time.monotonic() - began
        self.pages += 1
        self.words += self.page.evaluate(WORDS_IN_SIGHT)

    @property
    def by_hand(self) -> float:
        """Return the seconds that a person needs by the model, without what the pages need."""
        return self.clicks * A_CLICK + self.keys * A_KEY + self.words * A_WORD

    @property
    def minutes(self) -> float:
        return (self.by_hand + self.waited) / 60


@pytest.fixture
def manager():
    """Have a program without cohorts, somebody new who runs it, and the organisation's ladder."""
    program = Program.objects.create(name="Rising Leaders")
    person = make_person("marta@example.org", "Marta Kowalczyk")
    grant(person, Role.MANAGER, program)
    confirm_address(person=person)
    Level.objects.bulk_create(
        Level(name=name.replace("_", " "), rank=rank)
        for rank, name in enumerate(LADDER.split(), start=1)
    )
    return person


def test_new_manager_goes_from_nothing_to_published_matches(manager, working, open_page, capsys):
    page = open_page()
    sign_in(page, manager.email, PASSWORD)
    hands = Hands(page)
    hands.wait("Good")
    hands.press("link", "Start a cohort", to="New cohort")
    hands.press("link", "Corporate career", to=".")
    hands.write("Name", "Spring")
    hands.press("button", "Make the cohort", to="Set up")
    hands.press("link", "Mend.*Somebody to ask", to=".")
    hands.write("^Contact$", "Marta Kowalczyk")
    hands.write("^Contact e-mail", "marta@example.org")
    hands.press("button", "^Save$", to="Set up")
    hands.press("button", "Move to: Enrolling", to="Set up")
    hands.press("link", "Mend.*Mentors", to="People")
    hands.press("link", "Import a list", to="Import")
    bring(hands, "Mentors")
    hands.press("link", "Import the mentees", to="Import")
    bring(hands, "Mentees")
    hands.press("link", "What the cohort still needs", to="Set up")
    hands.press("link", "Look.*Training finished", to="Training")
    hands.press("button", "Pair without waiting", to="Training")
    hands.press("link", "Rising Leaders, Spring", to="Set up")
    hands.press("button", "Move to: Pairing", to="Set up")
    hands.press("link", "^Pairing: what counts", to="Pairing")
    hands.press("button", "Find pairs", to="Review matches")
    look_over(page)
    hands.press("link", "^Publish", to="Publish these pairs")
    hands.press("button", "^Publish", to="Review matches")
    expect(page.get_by_text("Start a new run for people who still wait.")).to_be_visible()

    cohort = Cohort.objects.get()
    assert cohort.matches.count() == 35
    assert page.findings == []
    with capsys.disabled():
        print(
            f"\n    first day: {hands.pages} pages, {hands.words:,} words, {hands.clicks} clicks, "
            f"{hands.keys} keys, {hands.waited:.0f} s waited: "
            f"about {hands.minutes:.0f} minutes by hand"
        )
    assert hands.by_hand < LIMIT_SECONDS


def bring(hands: Hands, role: str) -> None:
    """Import one of the two files as it is."""
    page = hands.page
    page.get_by_role("radio", name=role, exact=True).check(force=True)
    hands.clicks += 1
    page.get_by_label("File", exact=True).set_input_files(PEOPLE / f"{role.lower()}.csv")
    hands.clicks += 4  # to find a file in a dialogue
    hands.press("button", "Read this file", to="What do the columns mean|What will happen")
    if "columns" in page.get_by_role("heading", level=1).inner_text():
        hands.press("button", "Show me what will happen", to="What will happen")
    hands.press("button", "Import 50 rows", to="The import is done")
