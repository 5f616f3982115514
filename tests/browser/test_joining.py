"""Joining as a stranger does it: a link, a mail, a password, questions kept as one types, a week
that is painted by pointer and by keyboard; and all of it without scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from accounts.services import confirm_address
from notifications.links import absolute
from participants.models import Enrolment, EnrolmentDraft, Profile, ProfileSkill, Skill
from participants.services.answering import words_of
from participants.services.links import make_link
from programs.models import Cohort
from tests.browser.driving import go, links_in, look_over, mails_to, sign_in, wait_for
from tests.conftest import PASSWORD
from tests.participants.joining import enrolling

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SECRET = "plum-tundra-lantern-7"


@pytest.fixture
def cohort(cast) -> Cohort:
    today = timezone.localdate()
    return enrolling(
        cast,
        enrolment_opens_on=today - timedelta(days=5),
        enrolment_closes_on=today + timedelta(days=20),
        starts_on=today + timedelta(days=30),
        ends_on=today + timedelta(days=300),
    )


@pytest.fixture
def link(cast, cohort, site) -> str:
    made = make_link(cohort=cohort, role="mentee", actor=cast.program_manager, now=timezone.now())
    return absolute("participants:join", made.token).removeprefix(site)


def arrive(page: Page, link: str, mail_server) -> None:
    """Come by the link, prove the address, choose a password; end at the questions."""
    go(page, link)
    page.get_by_label("Work e-mail").fill("nora@example.org")
    page.get_by_label("First name").fill("Nora")
    page.get_by_label("Time zone").select_option("Europe/Oslo")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Check your inbox")).to_be_visible()
    (received,) = wait_for(lambda: mails_to(mail_server, "nora@example.org"), what="The mail")
    path = next(found for found in links_in(received) if "/join/confirm/" in found)
    page.goto(path)
    page.get_by_role("button", name="Yes, go on").click()
    for label in ("Password", "Password, once more"):
        page.get_by_label(label, exact=True).fill(SECRET)
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_role("heading", name="A few questions", level=1)).to_be_visible()


def test_stranger_joins_on_a_phone_and_goes_on_where_they_stopped(
    open_page, mail_server, cohort, link
):
    phone = open_page(width=390, height=800)
    arrive(phone, link, mail_server)
    phone.get_by_label("What would you like to reach?").press_sequentially("Lead a te")
    expect(phone.locator("#saved")).to_contain_text("Saved")
    look_over(phone)
    assert words_of(EnrolmentDraft.objects.get())["goal"] == ["Lead a te"]

    desk = open_page()
    sign_in(desk, "nora@example.org", SECRET)
    desk.get_by_role("link", name="Go on").click()
    box = desk.get_by_label("What would you like to reach?")
    expect(box).to_have_value("Lead a te")
    box.press("End")
    box.press_sequentially("am")
    desk.get_by_role("button", name="Send").click()
    expect(desk.get_by_role("link", name="I have read this and agree")).to_be_visible()
    expect(box).to_have_value("Lead a team")
    desk.get_by_label("I have read this and agree.").check()
    desk.get_by_role("button", name="Send").click()

    expect(desk.get_by_role("heading", name="You are in", level=1)).to_be_visible()
    look_over(desk)
    enrolment = Enrolment.objects.get(cohort=cohort)
    assert (enrolment.user.email, enrolment.status) == ("nora@example.org", "enrolled")
    assert enrolment.answers.get().text == "Lead a team"
    assert phone.findings + desk.findings == []


def test_whole_way_works_without_scripts(open_page, mail_server, cohort, link):
    page = open_page(java_script_enabled=False)
    arrive(page, link, mail_server)
    page.get_by_label("What would you like to reach?").fill("Find my way")
    page.get_by_role("button", name="Save for later").click()
    expect(page.get_by_label("What would you like to reach?")).to_have_value("Find my way")
    page.get_by_label("I have read this and agree.").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="You are in", level=1)).to_be_visible()

    go(page, "/people/me/")
    page.get_by_label("Wednesday 10:00").check()
    page.get_by_role("button", name="Save").click()
    profile = Profile.objects.get(user=User.objects.get(email="nora@example.org"))
    assert profile.available_hours == [58]


@pytest.fixture
def mine(cast, open_page) -> Page:
    confirm_address(person=cast.mentee)
    Skill.objects.create(name="Public speaking", name_key="public speaking")
    page: Page = open_page()
    sign_in(page, cast.mentee.email, PASSWORD)
    go(page, "/people/me/")
    return page


def hour(page: Page, label: str):
    return page.get_by_label(label, exact=True)


def test_week_is_painted_by_dragging_and_wiped_by_dragging_again(mine, cast):
    hour(mine, "Monday 11:00").scroll_into_view_if_needed()
    for is_on in (True, False):
        start, end = (hour(mine, name).bounding_box() for name in ("Monday 09:00", "Monday 12:00"))
        mine.mouse.move(start["x"] + 9, start["y"] + 9)
        mine.mouse.down()
        mine.mouse.move(end["x"] + 9, end["y"] + 9, steps=12)
        mine.mouse.up()
        for clock in ("09", "10", "11", "12"):
            expect(hour(mine, f"Monday {clock}:00")).to_be_checked(checked=is_on)
    hour(mine, "Tuesday 09:00").click()
    expect(hour(mine, "Tuesday 09:00")).to_be_checked()
    mine.get_by_role("button", name="Save").click()
    expect(mine.get_by_text("Saved. Every cohort you join uses it.")).to_be_visible()
    assert Profile.objects.get(user=cast.mentee).available_hours == [33]
    assert mine.findings == []


def test_week_is_one_stop_of_the_keyboard_and_arrows_paint_with_shift(mine, cast):
    stops = mine.locator("[data-week] input[tabindex='0']")
    expect(stops).to_have_count(1)
    stops.first.focus()
    for key in ("Space", "Shift+ArrowDown", "Shift+ArrowDown", "ArrowRight", "Space"):
        mine.keyboard.press(key)
    expect(stops).to_have_count(1)
    expect(hour(mine, "Tuesday 09:00")).to_be_focused()
    mine.get_by_role("button", name="Save").click()
    expect(mine.get_by_text("Saved. Every cohort you join uses it.")).to_be_visible()
    assert Profile.objects.get(user=cast.mentee).available_hours == [7, 8, 9, 33]


def test_skill_is_found_while_typing_and_added_in_place(mine, cast):
    mine.get_by_label("Add a skill").press_sequentially("speak")
    expect(mine.locator("#known-skills option")).to_have_count(1)
    mine.get_by_label("Add a skill").fill("public speaking")
    mine.get_by_role("radio", name="To learn").check()
    mine.get_by_role("radio", name="Very").check()
    mine.get_by_role("button", name="Add", exact=True).click()
    expect(mine.get_by_role("button", name="Remove Public speaking")).to_be_visible()
    look_over(mine)
    row = ProfileSkill.objects.get()
    assert (row.skill.name, row.direction, row.importance) == ("Public speaking", "learn", 3)
    mine.get_by_role("button", name="Remove Public speaking").click()
    expect(mine.get_by_text("Skills count most when people are paired.")).to_be_visible()
    assert mine.findings == []
