"""Two accounts of one person: found, compared, and made one by a typed yes."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.models import AccountMerge
from accounts.services import confirm_address
from tests.browser.driving import go, look_over, sign_in
from tests.conftest import PASSWORD, enrol, make_person

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("working"),
]


def test_double_is_found_compared_and_made_one(cast, open_page):
    private = make_person("priya.raman@home.example", "Priya Raman")
    place = enrol(cast.cohort, private, "mentee")
    confirm_address(person=cast.it_administrator)
    page = open_page()
    sign_in(page, cast.it_administrator.email, PASSWORD)
    go(page, "/people/doubles/")
    expect(page.get_by_text("1 pair to look at")).to_be_visible()
    look_over(page)
    page.get_by_role("link", name="Compare priya").click()
    expect(page.get_by_role("heading", name="What stands in the way")).to_be_visible()
    look_over(page)

    place.delete()
    page.reload()
    if page.get_by_text("Everything that priya@example.org has").count():
        page.get_by_role("link", name="Keep this one instead").click()
    expect(page.get_by_text("There is no way back.")).to_be_visible()
    look_over(page)
    page.get_by_label("How you know that both are one person").fill("She told us.")
    page.get_by_label("Type the e-mail of the account that is given up").fill("priya@example.org")
    page.get_by_role("button", name="Make them one").click()
    expect(page.get_by_text("Look again which account is given up.").first).to_be_visible()
    look_over(page)
    page.get_by_label("Type the e-mail of the account that is given up").fill(private.email)
    page.get_by_role("button", name="Make them one").click()

    expect(page.get_by_text("The two accounts are one now")).to_be_visible()
    expect(page.get_by_role("heading", name="No doubles")).to_be_visible()
    look_over(page)
    assert AccountMerge.objects.get().kept == cast.mentee
    assert page.findings == []
