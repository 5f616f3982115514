"""The pair's part of the story: first mail, first sign-in, first meeting, first check-in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from celery import current_app
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from feedback.models import CheckIn, CheckInStatus
from matching.models import Match
from notifications.models import MessagePreference
from programs.models import Cohort
from sessions.models import Meeting
from tests.browser.driving import go, links_in, look_over, mails_to, wait_for
from tests.smtp_sink import SmtpSink

NEW_PASSWORD = "three-quiet-otters-swim"
SUMMARY = "Marzipan-summary: we spoke about the next step."
NOTE = "Quicksilver-note: I am not sure about this."
ACTION = "Tamarind-action: write down three wishes"
WORDS = ("Marzipan", "Quicksilver", "Tamarind")
OpenPage = Callable[..., Page]


def choose_password(page: Page, sink: SmtpSink, person: User) -> None:
    """Come in for the first time: by the link that the sign-in page mails, which also signs in."""
    go(page, "/accounts/login/")
    page.get_by_role("link", name="Choose your password by email").click()
    look_over(page)
    page.get_by_label("Email").fill(person.email)
    page.get_by_role("button", name="Send the link").click()
    mails = wait_for(
        lambda: [
            mail
            for mail in mails_to(sink, person.email)
            if any("/password/reset/key/" in link for link in links_in(mail))
        ],
        what="the mail with the link",
    )
    (link,) = [link for link in links_in(mails[0]) if "/password/reset/key/" in link]
    page.goto(link)
    look_over(page)
    for field in page.locator("input[type=password]").all():
        field.fill(NEW_PASSWORD)
    page.get_by_role("button", name="Save password").click()
    page.wait_for_url(re.compile(r"^(?!.*/reset/key/)"))


def see_partner(page: Page, match: Match, partner: User) -> None:
    """Find the other person and the reasons at home and on the page of the match."""
    go(page, "/")
    expect(page.get_by_role("heading", name=partner.get_full_name())).to_be_visible()
    expect(page.get_by_text("Getting to know each other").first).to_be_attached()
    look_over(page)
    go(page, reverse("match", args=(match.pk,)))
    expect(page.get_by_role("heading", level=1)).to_have_text(partner.get_full_name())
    assert page.locator(".reasons li").count() >= 1
    look_over(page)


def log_meeting_on_a_phone(page: Page) -> Meeting:
    """Log a meeting with everything that can be said about it."""
    go(page, "/")
    page.get_by_role("link", name="We met: log it").first.click()
    assert page.locator("input[type=radio]:checked").count() == 0
    look_over(page)
    page.get_by_role("radio", name="30", exact=True).check(force=True)
    page.get_by_role("radio", name="Video").check(force=True)
    page.get_by_label("Shared summary").fill(SUMMARY)
    page.locator("[name=private_note]").fill(NOTE)
    page.get_by_label("What", exact=True).fill(ACTION)
    page.get_by_role("radio", name="Good").check(force=True)
    page.get_by_role("button", name="We met: save").click()
    page.wait_for_url(re.compile(r"^(?!.*/log/)"))
    meeting = Meeting.objects.get()
    assert (meeting.held_on, meeting.minutes, meeting.how) == (date.today(), 30, "video")
    return meeting


def read_own_words(page: Page, meeting: Meeting) -> None:
    go(page, reverse("meetings:detail", args=(meeting.pk,)))
    for words in (SUMMARY, NOTE, ACTION):
        expect(page.get_by_text(words).first).to_be_visible()
    look_over(page)


def read_shared_words_only(page: Page, meeting: Meeting) -> None:
    """As the partner: summary and action items, and no trace of the note."""
    go(page, reverse("meetings:detail", args=(meeting.pk,)))
    expect(page.get_by_text(SUMMARY).first).to_be_visible()
    expect(page.get_by_text(ACTION).first).to_be_visible()
    for path in ("/", "/meetings/", f"/matches/{meeting.match_id}/", page.url):
        assert "Quicksilver" not in go(page, path).text(), path


def read_no_words(page: Page, meeting: Meeting) -> None:
    """As the manager: that they met, and not a word of it, on any page."""
    cohort_pk, match_pk = meeting.match.cohort_id, meeting.match_id
    paths = (
        reverse("match", args=(match_pk,)),
        reverse("meetings:detail", args=(meeting.pk,)),
        reverse("reports:overview", args=(cohort_pk,)),
        reverse("reports:pairs", args=(cohort_pk,)),
        reverse("reports:export", args=("meetings", "json")) + f"?cohort={cohort_pk}",
        f"/api/v1/meetings/{meeting.pk}/",
        "/admin/matching/match/",
        f"/admin/matching/match/{match_pk}/change/",
        "/admin/matching/match/?q=Quicksilver",
        "/admin/audit/auditevent/",
        "/admin/notifications/message/",
    )
    for path in paths:
        answer = page.request.get(path)
        assert answer.status == 200, f"{path} answered {answer.status}"
        text = answer.text().replace("q=Quicksilver", "").replace('value="Quicksilver"', "")
        assert [word for word in WORDS if word in text] == [], path
    go(page, paths[0])
    look_over(page)


def make_check_in_due(cohort: Cohort, match: Match) -> None:
    """Put the cohort's start and one match one rhythm back, as if that time had passed."""
    start = date.today() - timedelta(days=cohort.rhythm_days)
    Cohort.objects.filter(pk=cohort.pk).update(starts_on=start)
    Match.objects.filter(pk=match.pk).update(started_on=start)
    MessagePreference.objects.bulk_create(
        MessagePreference(user_id=pk, days_off=[], changed_at=timezone.now())
        for pk in match.members.values_list("user_id", flat=True)
    )  # without quiet hours and days off: the story runs at any hour


def answer_check_in(page: Page, sink: SmtpSink, person: User) -> None:
    """Get the question by mail; following the link changes nothing, the button answers."""
    current_app.send_task("feedback.plan_check_ins")
    mail = wait_for(
        lambda: [m for m in mails_to(sink, person.email) if "/check-ins/a/" in str(m.mail)],
        what="the mail with the question",
    )[0]
    link = next(link for link in links_in(mail) if link.endswith("?a=met"))
    for _time in range(2):
        assert page.request.get(link).status == 200
    check_in = CheckIn.objects.get(user=person)
    assert check_in.status == CheckInStatus.OPEN
    go(page, link)
    look_over(page)
    page.locator("button[name=answer]").first.click()
    expect(page.get_by_text("Your answer is saved")).to_be_visible()
    look_over(page)
    check_in.refresh_from_db()
    assert check_in.status == CheckInStatus.ANSWERED
    assert "/login/" not in page.url
