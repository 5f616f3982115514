"""A list from HR by which too many would leave: held, looked at, applied, and undone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.models import User
from accounts.services import confirm_address
from matching.models import Match
from tests.browser.driving import go, look_over, sign_in
from tests.conftest import PASSWORD

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("working"),
]


def test_held_list_is_confirmed_by_its_names_applied_and_undone(cast, open_page):
    # In a zone that is behind, the day of the list may be still to come.
    User.objects.filter(pk=cast.mentor.pk).update(employee_id="E1", time_zone="UTC")
    confirm_address(person=cast.it_administrator)
    page = open_page()
    sign_in(page, cast.it_administrator.email, PASSWORD)
    go(page, "/support/hr/")
    page.get_by_role("radio", name="Changes only").check()
    page.get_by_label("File").set_input_files(
        {"name": "hr.csv", "mimeType": "text/csv", "buffer": b"Employee id,Status\nE1,left\n"}
    )
    page.get_by_role("button", name="Read this list").click()
    page.get_by_role("button", name="Show me what will happen").click()

    expect(page.get_by_role("heading", name="This list is held")).to_be_visible()
    expect(page.get_by_text("1 of 2 people who take part would leave")).to_be_visible()
    expect(page.get_by_text("Daniel Osei – Priya Raman")).to_be_visible()
    look_over(page)
    page.get_by_role("button", name="Apply to 1 person").click()
    expect(page.get_by_text("Look at the names, then say that they are right.")).to_be_visible()
    page.get_by_label("I have looked at the names; they are right.").check()
    page.get_by_role("button", name="Apply to 1 person").click()

    expect(page.get_by_role("heading", name="The list is applied")).to_be_visible()
    assert Match.objects.get().status == "paused"
    look_over(page)
    page.get_by_role("button", name="Undo this list").click()

    expect(page.get_by_role("heading", name="The list is undone")).to_be_visible()
    assert Match.objects.get().status == "active"
    look_over(page)
    assert page.findings == []
