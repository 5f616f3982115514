"""Somebody from outside: invited on the desk, bound to the program's words, prolonged."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from accounts.models import User
from accounts.services import confirm_address
from programs.models import Program
from tests.accounts.test_externals import make_external
from tests.browser.driving import go, look_over, sign_in
from tests.conftest import PASSWORD, enrol

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("working"),
]


def test_somebody_from_outside_is_invited_agrees_and_is_prolonged(cast, open_page):
    Program.objects.filter(pk=cast.program.pk).update(
        externals="mentors", confidentiality_text="What you hear stays with you."
    )
    external = make_external(cast.program_manager)
    place = enrol(cast.cohort, external, "mentor")
    for person in (external, cast.program_manager, cast.mentee):
        confirm_address(person=person)

    page = open_page()
    sign_in(page, external.email, PASSWORD)
    expect(page.get_by_text("What you hear stays with you.")).to_be_visible()
    look_over(page)
    page.get_by_label("I have read this and agree.").check()
    page.get_by_role("button", name="Agree and go on").click()
    go(page, "/account/")
    expect(page.get_by_role("heading", name="You come from outside")).to_be_visible()
    look_over(page)

    desk = open_page()
    sign_in(desk, cast.program_manager.email, PASSWORD)
    go(desk, f"/people/cohorts/{cast.cohort.pk}/joining/")
    desk.get_by_text("Invite somebody from outside").click()
    form = desk.locator("section[aria-labelledby=ext]")
    form.get_by_label("E-mail", exact=True).fill("eve@partner.example")
    form.get_by_label("First name").fill("Eve")
    form.get_by_label("Where from").fill("Partner Ltd")
    look_over(desk)
    form.get_by_role("button", name="Send the invitation").click()
    expect(desk.get_by_text("External · Partner Ltd")).to_be_visible()
    look_over(desk)
    go(desk, f"/people/enrolments/{place.pk}/")
    look_over(desk)
    desk.get_by_role("button", name="Prolong until 28 July 2027").click()
    expect(desk.get_by_text("The account works until 28 July 2027.")).to_be_visible()
    assert User.objects.filter(email="eve@partner.example", is_external=True).exists()

    own = open_page()
    sign_in(own, cast.mentee.email, PASSWORD)
    go(own, f"/enrolments/{cast.mentee_enrolment.pk}/")
    own.get_by_label("A mentor from outside is fine with me").check()
    look_over(own)
    assert [*page.findings, *desk.findings, *own.findings] == []
