"""The main job from end to end, as its people do it: Chromium, workers and mail are real."""

from __future__ import annotations

from collections import Counter

import pytest

from accounts.models import Level, Role, User
from accounts.services import confirm_address
from programs.models import Cohort, Program
from tests.browser import managing, pairing, reporting
from tests.browser.driving import links_in, sign_in, wait_for
from tests.conftest import PASSWORD, grant, make_person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LADDER = "AA AO EO HEO SEO Grade_7 Grade_6 SCS1 SCS2 SCS3 SCS4"


@pytest.fixture
def staff() -> None:
    """Have a program, who runs it, who reports on it, and the organisation's ladder."""
    program = Program.objects.create(name="Rising Leaders")
    manager = make_person("marta@example.org", "Marta Kowalczyk")
    analyst = make_person("jun@example.org", "Jun Nakamura")
    grant(manager, Role.MANAGER, program)
    grant(analyst, Role.HR_ANALYST, program)
    for person in (manager, analyst):
        confirm_address(person=person)
    Level.objects.bulk_create(
        Level(name=name.replace("_", " "), rank=rank)
        for rank, name in enumerate(LADDER.split(), start=1)
    )


def test_cohort_runs_from_the_first_form_to_the_report(
    staff, site, working, mail_server, open_page
):
    manager = open_page()
    sign_in(manager, "marta@example.org", PASSWORD)
    cohort = set_up(manager)
    bring_people(manager, cohort)
    mentor, mentee = pair_people(manager, cohort)
    match = cohort.matches.get(members__user=mentee)
    check_mail(mail_server, cohort, f"{site}/matches/{match.pk}/", (mentor, mentee))

    managing.move(manager, cohort, "Active")
    phone = open_page(width=390, height=844, has_touch=True)
    pairing.choose_password(phone, mail_server, mentee)
    pairing.see_partner(phone, match, mentor)
    desk = open_page()
    pairing.choose_password(desk, mail_server, mentor)
    pairing.see_partner(desk, match, mentee)
    meeting = pairing.log_meeting_on_a_phone(phone)
    pairing.read_own_words(phone, meeting)
    pairing.read_shared_words_only(desk, meeting)
    pairing.read_no_words(manager, meeting)

    other = cohort.matches.exclude(pk=match.pk).first()
    pairing.make_check_in_due(cohort, other)
    tapped = open_page()
    pairing.answer_check_in(tapped, mail_server, other.members.get(role="mentee").user)

    analyst = open_page(accept_downloads=True)
    sign_in(analyst, "jun@example.org", PASSWORD)
    reporting.read_report(analyst)
    reporting.download_participation(analyst, meeting)

    reading, logging = "Read what you may see", "Log meetings"
    reader = reporting.make_token(desk, "Reader", [reading])
    writer = reporting.make_token(desk, "Writer", [reading, logging])
    reporting.use_api(site, reader=reader, writer=writer, match=match)
    findings = [line for page in (manager, phone, desk, tapped, analyst) for line in page.findings]
    assert findings == [], "\n".join(findings)


def set_up(page) -> Cohort:
    cohort = managing.create_cohort(page)
    managing.see_what_is_missing(page, cohort)
    managing.mend_what_is_missing(page, cohort)
    managing.choose_policy(page, cohort)
    managing.move(page, cohort, "Enrolling")
    return cohort


def bring_people(page, cohort: Cohort) -> None:
    managing.import_mentors_with_a_problem(page, cohort)
    mentees = (managing.PEOPLE / "mentees.csv").read_text("utf-8")
    managing.import_people(page, cohort, "Mentees", "mentees.csv", mentees)
    managing.confirm_import(page, 50)
    managing.import_and_undo(page, cohort)


def pair_people(page, cohort: Cohort) -> tuple[User, User]:
    managing.move(page, cohort, "Pairing")
    managing.find_pairs(page, cohort)
    locked = managing.review_pairs(page)
    managing.publish(page, cohort)
    return locked.mentor.user, locked.mentee.user


def check_mail(sink, cohort: Cohort, url: str, pair: tuple[User, User]) -> None:
    """One mail to each person of a match, none to anybody else; theirs lead to their match."""
    people = set(User.objects.filter(memberships__match__cohort=cohort).values_list("email"))
    wanted = {email for (email,) in people}
    wait_for(lambda: wanted <= {mail.recipient for mail in list(sink.received)}, what="the mail")
    assert Counter(mail.recipient for mail in sink.received) == dict.fromkeys(wanted, 1)
    for person in pair:
        (mail,) = [mail for mail in sink.received if mail.recipient == person.email]
        assert url in links_in(mail)
