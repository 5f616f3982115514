"""Asking for help: who is told when, who sees it, and how it ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import redis
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import AuditEvent
from core.errors import Conflict, DomainError, NotAllowed
from notifications.letters import write_letter
from notifications.models import ClosedDays, Message, MessagePreference
from notifications.registry import get
from notifications.services import send_message, sweep_messages
from support.help import help_count
from support.models import HelpContact, HelpRequest, HelpWords
from support.services import Named, ask_for_help, close_help, mark_seen, name_contacts
from support.services.helping import follow_help, next_working_day
from tests.conftest import NOW, make_person

pytestmark = pytest.mark.django_db
PAGE = "/support/help/"
WORDS = "I dread the next meeting"


@pytest.fixture
def deputy(db):
    return make_person("dee@example.org", "Dee Deputy", time_zone="America/New_York")


@pytest.fixture
def contacts(cast, deputy):
    name_contacts(
        program=cast.program,
        contacts={
            1: Named(cast.hr_analyst, "Works in HR", deputy),
            2: Named(cast.it_administrator, "Works in IT", deputy),
        },
        signposts="",
        actor=cast.program_manager,
        now=NOW,
    )
    return list(HelpContact.objects.filter(program=cast.program))


@pytest.fixture
def asked(cast, contacts):
    return ask_for_help(
        asker=cast.mentee,
        cohort=cast.cohort,
        contact=contacts[0],
        about="match",
        words=WORDS,
        now=NOW,
    )


@pytest.fixture
def broker():
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5)
    client.delete("urgent", "mail")
    yield client
    client.delete("urgent", "mail")
    client.close()


def text(response):
    return response.content.decode()


def test_asking_tells_the_contact_now_and_the_deputy_on_the_next_working_day(cast, asked, deputy):
    rows = Message.objects.order_by("due_at").values_list("kind", "recipient", "due_at")

    assert list(rows) == [
        ("support.help_asked", cast.hr_analyst.pk, NOW),
        ("support.help_deputy", deputy.pk, datetime(2026, 11, 19, 14, tzinfo=UTC)),
    ]
    assert HelpWords.objects.get().text == WORDS


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 20, 12, tzinfo=UTC), "2026-11-23T09:00:00+01:00"),
        (datetime(2026, 11, 21, 12, tzinfo=UTC), "2026-11-23T09:00:00+01:00"),
        (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), "2026-11-24T09:00:00+01:00"),
        (datetime(2026, 3, 27, 12, tzinfo=UTC), "2026-03-30T09:00:00+02:00"),
    ],
)
def test_next_working_day_leaves_out_the_weekend_in_the_persons_zone(cast, now, day):
    person = make_person("greta@example.org", "Greta", time_zone="Europe/Berlin")
    assert next_working_day(person, now=now).isoformat() == day


def test_next_working_day_leaves_out_holidays_and_own_days_off_but_no_leave(cast):
    person = make_person("greta@example.org", "Greta", time_zone="Europe/Berlin")
    MessagePreference.objects.create(
        user=person,
        days_off=[1, 6, 7],
        holiday_region="DE-BE",
        leave_from=date(2026, 12, 1),
        leave_until=date(2027, 1, 31),
        changed_at=NOW,
    )
    ClosedDays.objects.create(
        name="Winter break", first_on=date(2026, 12, 29), last_on=date(2026, 12, 31)
    )
    christmas_eve = datetime(2026, 12, 24, 12, tzinfo=UTC)
    # 25 and 26 are holidays, 27 a Sunday, 28 their free Monday, then the break, then new year.
    assert next_working_day(person, now=christmas_eve).isoformat() == "2027-01-05T09:00:00+01:00"


def leave(person):
    person.is_active = False
    person.save(update_fields=("is_active",))


def test_deputy_hears_at_once_when_the_contact_has_left(cast, asked, deputy):
    leave(cast.hr_analyst)

    follow_help(now=NOW)
    follow_help(now=NOW)

    message = Message.objects.get(kind="support.help_deputy")
    assert (message.recipient, message.due_at) == (deputy, NOW)
    assert not Message.objects.filter(kind="support.help_unheard").exists()
    page = text(cast.client("mentee").get(f"{PAGE}{asked.pk}/"))
    assert "Jun Nakamura is not here any more; Dee Deputy is told instead." in page
    assert "Ask somebody else" not in page


def test_asker_chooses_again_when_contact_and_deputy_have_left(cast, asked, deputy, contacts):
    leave(cast.hr_analyst)
    leave(deputy)

    follow_help(now=NOW)
    follow_help(now=NOW)

    message = Message.objects.get(kind="support.help_unheard")
    kind = get(message.kind)
    assert message.recipient == cast.mentee
    assert kind.is_still_due(message, NOW) == ""
    letter = write_letter(message, kind, now=NOW).content.decode()
    assert "cannot answer" in letter
    for private in ("Jun", "Dee Deputy", WORDS):
        assert private not in letter
    page = text(cast.client("mentee").get(f"{PAGE}{asked.pk}/"))
    assert "Jun Nakamura and Dee Deputy are not here any more" in page
    assert "Ask somebody else" in page
    assert "Works in IT" in text(cast.client("mentee").get(PAGE))
    close_help(request=asked, outcome="withdrawn", actor=cast.mentee, now=NOW)
    assert kind.is_still_due(message, NOW) == "The request is closed."


def test_managers_hear_once_that_somebody_named_has_left_and_of_no_request(cast, asked, deputy):
    leave(cast.hr_analyst)

    follow_help(now=NOW)
    follow_help(now=NOW + timedelta(days=1))

    message = Message.objects.get(kind="support.help_contact_left")
    kind = get(message.kind)
    assert message.recipient == cast.program_manager
    assert kind.is_still_due(message, NOW) == ""
    letter = write_letter(message, kind, now=NOW).content.decode()
    assert "Jun Nakamura is named in" in letter
    assert "Priya" not in letter
    name_contacts(
        program=cast.program,
        contacts={1: Named(cast.it_administrator, "Works in IT", deputy)},
        signposts="",
        actor=cast.program_manager,
        now=NOW,
    )
    assert kind.is_still_due(message, NOW) == "Somebody else is named meanwhile."


def test_nobody_asks_a_contact_who_has_just_left(cast, contacts):
    leave(cast.hr_analyst)
    with pytest.raises(DomainError, match="Jun is not here any more"):
        ask_for_help(
            asker=cast.mentee,
            cohort=cast.cohort,
            contact=HelpContact.objects.get(person=cast.hr_analyst),
            about="other",
            words="",
            now=NOW,
        )


def test_asking_goes_through_a_queue_of_its_own(
    cast, contacts, broker, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        ask_for_help(
            asker=cast.mentee,
            cohort=cast.cohort,
            contact=contacts[0],
            about="strain",
            words="",
            now=timezone.now(),
        )

    assert (broker.llen("urgent"), broker.llen("mail")) == (1, 0)


def test_sweep_puts_lost_requests_back_into_that_queue(
    cast, asked, broker, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        sweep_messages(now=NOW)

    assert broker.llen("urgent") == 1


def test_asking_leaves_nobodys_name_in_the_log(cast, asked):
    event = AuditEvent.objects.get(action="help.asked")

    assert (event.actor_id, event.program_id, event.detail) == (None, None, {})


def test_mail_names_nobody_and_says_nothing_of_the_words(cast, asked):
    message = Message.objects.get(kind="support.help_asked")
    kind = get(message.kind)
    assert kind.is_still_due(message, NOW) == ""

    letter = write_letter(message, kind, now=NOW).content.decode()

    assert "Priya" not in letter
    assert "dread" not in letter
    assert f"/support/help/{asked.pk}/" in letter


def test_deputy_is_not_told_of_what_is_closed(cast, asked):
    close_help(request=asked, outcome="solved", actor=cast.hr_analyst, now=NOW)
    message = Message.objects.get(kind="support.help_deputy")
    Message.objects.filter(pk=message.pk).update(due_at=NOW)

    send_message(pk=message.pk)

    message.refresh_from_db()
    assert (message.state, message.reason) == ("skipped", "The request is closed.")


def test_asking_is_for_people_of_the_cohort_and_contacts_of_its_program(cast, contacts):
    values = {"cohort": cast.cohort, "about": "other", "words": "", "now": NOW}
    with pytest.raises(NotAllowed):
        ask_for_help(asker=cast.stranger, contact=contacts[0], **values)
    contacts[0].program = cast.other_program
    with pytest.raises(DomainError, match="named for this program"):
        ask_for_help(asker=cast.mentee, contact=contacts[0], **values)


def test_database_refuses_to_ask_oneself(cast, deputy):
    with pytest.raises(IntegrityError, match="help_asked_of_somebody_else"), transaction.atomic():
        HelpRequest.objects.create(
            cohort=cast.cohort,
            asker=cast.mentee,
            contact=cast.mentee,
            deputy=deputy,
            about="other",
            asked_at=NOW,
        )


def test_nobody_but_those_asked_closes_it_and_only_once(cast, asked):
    for person in (cast.mentor, cast.program_manager):
        with pytest.raises(NotAllowed):
            close_help(request=asked, outcome="solved", actor=person, now=NOW)
    with pytest.raises(NotAllowed):
        close_help(request=asked, outcome="solved", actor=cast.mentee, now=NOW)
    close_help(request=asked, outcome="withdrawn", actor=cast.mentee, now=NOW)

    with pytest.raises(Conflict, match="closed already"):
        close_help(request=asked, outcome="solved", actor=cast.hr_analyst, now=NOW)


def test_first_reader_is_kept(cast, asked, deputy):
    mark_seen(request=asked, actor=cast.mentee, now=NOW)
    mark_seen(request=asked, actor=deputy, now=NOW + timedelta(hours=1))
    mark_seen(request=asked, actor=cast.hr_analyst, now=NOW + timedelta(hours=2))

    asked.refresh_from_db()
    assert (asked.seen_by, asked.seen_at) == (deputy, NOW + timedelta(hours=1))


def test_contacts_are_two_different_people_with_deputies(cast, deputy):
    values = {"program": cast.program, "signposts": "", "actor": cast.program_manager, "now": NOW}
    with pytest.raises(DomainError, match="two different people"):
        name_contacts(
            contacts={1: Named(deputy, "a", cast.mentor), 2: Named(deputy, "b", cast.mentor)},
            **values,
        )
    with pytest.raises(DomainError, match="somebody else"):
        name_contacts(contacts={1: Named(deputy, "a", deputy)}, **values)


def test_page_shows_signposts_and_contacts_and_takes_a_request(cast, contacts):
    client = cast.client("mentee")
    page = text(client.get(PAGE))
    assert "112 in Europe" in page
    assert "Jun Nakamura: Works in HR" in page

    answer = client.post(
        PAGE,
        {"contact": f"{cast.cohort.pk}-{contacts[1].pk}", "about": "conduct", "words": WORDS},
        follow=True,
    )

    assert "Sent. Ines is told now." in text(answer)
    assert WORDS in text(answer)
    assert HelpRequest.objects.get().contact == cast.it_administrator


def test_page_tells_what_is_missing_and_sends_nothing(cast, contacts):
    answer = cast.client("mentee").post(PAGE, {"words": "x" * 4_001})

    assert answer.status_code == 422
    assert text(answer).count("Please choose") >= 2
    assert not HelpRequest.objects.exists()


def test_page_without_contacts_names_the_programs_contact(cast):
    cast.program.contact_email = "help@example.org"
    cast.program.save()

    assert "help@example.org" in text(cast.client("mentee").get(PAGE))
    assert "You take part in no program" in text(cast.client("stranger").get(PAGE))


def test_request_is_seen_by_its_three_people_only(cast, asked, deputy):
    path = f"{PAGE}{asked.pk}/"
    cast.deputy = deputy
    for role in ("mentor", "program_manager", "it_administrator", "stranger"):
        assert cast.client(role).get(path).status_code == 404
    assert WORDS in text(cast.client("hr_analyst").get(path))
    assert "Jun Nakamura has read it" in text(cast.client("mentee").get(path))
    assert WORDS in text(cast.client("deputy").get(path))
    assert "as deputy of Jun Nakamura" in text(cast.client("deputy").get(f"{PAGE}asked/"))


def test_contact_closes_with_an_outcome(cast, asked):
    client = cast.client("hr_analyst")
    path = f"{PAGE}{asked.pk}/"
    assert client.post(f"{path}close/", {}).status_code == 422

    client.post(f"{path}close/", {"outcome": "talked"})

    assert "We talked, and that was enough" in text(cast.client("mentee").get(path))


def test_manager_names_contacts_by_address(cast, deputy):
    client = cast.client("program_manager")
    path = f"/support/programs/{cast.program.pk}/help/"
    data = {
        "person_1": "JUN@example.org",
        "about_1": "Works in HR",
        "deputy_1": deputy.email,
        "person_2": "nobody@example.org",
        "about_2": "Works in IT",
        "deputy_2": deputy.email,
        "signposts": "Call 1234 day and night.",
    }
    answer = client.post(path, data)
    assert answer.status_code == 422
    assert "Nobody here has this address" in text(answer)

    client.post(path, {**data, "person_2": "ines@example.org"})

    assert HelpContact.objects.count() == 2
    assert "Call 1234 day and night." in text(cast.client("mentee").get(PAGE))


def test_reports_count_requests_and_say_no_more(cast, asked):
    today = NOW.date()
    assert help_count(cast.cohort, since=today, until=today) == 1
    page = cast.client("program_manager").get(
        f"/reports/?cohort={cast.cohort.pk}&period=dates&since={today}&until={today}&group_by=level"
    )

    assert "1 request for help in private in this period." in text(page)
