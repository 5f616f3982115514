"""Every page that the table of who may see it names, as the people who may: axe, width, errors."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from accounts.services import confirm_address
from tests.browser.driving import look_over, sign_in
from tests.conftest import PASSWORD
from tests.security.table import rule_of
from tests.security.test_urls import NAMES, address_of
from tests.security.worlds import World, add_roles, cast_world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ROLES = ("mentee", "program_manager", "hr_analyst", "it_administrator")
# Who has no eyes: files, feeds of calendars and machines, and pages that end the visit.
NOT_LOOKED_AT = ("account_logout", "api:", "admin:", "health")
WATCHES = ("support:", "feedback:")


@pytest.fixture
def world(cast) -> World:
    add_roles(cast)
    for role in ROLES:
        confirm_address(person=getattr(cast, role))
    return cast_world(cast)


@pytest.mark.parametrize("role", ROLES)
def test_pages_that_watch_over_matches_can_be_read_by_everybody(cast, world, open_page, role):
    page = open_page()
    seen = see(page, cast, world, role, [name for name in NAMES if name.startswith(WATCHES)])
    assert seen
    assert page.findings == [], "\n".join(page.findings)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_every_page_can_be_read_by_everybody(cast, world, open_page, capsys, role):
    page = open_page()
    seen = see(page, cast, world, role, NAMES)
    with capsys.disabled():
        print(f"\n    {role}: {seen} pages")
    assert page.findings == [], "\n".join(page.findings)


def see(page: Page, cast, world: World, role: str, names: list[str]) -> int:
    """Open what the role may see by GET, look it over, and count the pages."""
    sign_in(page, getattr(cast, role).email, PASSWORD)
    seen = 0
    for name in names:
        rule = rule_of(name)
        if rule is None or name.startswith(NOT_LOOKED_AT) or not rule.audience.allows(role, "own"):
            continue
        path = address_of(name, rule, world)
        head = page.request.get(path, max_redirects=0)
        if head.status != 200 or not head.headers["content-type"].startswith("text/html"):
            continue
        page.goto(path)
        if page.locator("main").count():
            look_over(page)
            seen += 1
    return seen
