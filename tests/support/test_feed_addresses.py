"""E-mails that lists move: whose stay, who is told, and the way back."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from billiard.exceptions import SoftTimeLimitExceeded
from django.core import mail as django_mail

from accounts.models import User
from audit.models import AuditEvent
from core.errors import DomainError
from core.jobs import JobStatus
from notifications.transport import TryLater
from support.models import (
    Feed,
    FeedRow,
    HelpContact,
    HelpRequest,
)
from support.services import feed_telling
from support.services.feed_telling import tell_old_addresses
from support.services.feeding import (
    confirm_feed,
    look_again,
    undo_feed,
)
from tests.conftest import NOW, grant, make_person
from tests.support.listing import (
    actions,
    applied,
    carried,
    confirmed,
    previewed,
    sheet,
    undone,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("numbers")]
KEYS = "employee id,email"


@pytest.fixture
def pat(cast) -> User:
    return make_person("pat@example.org", "Pat Moss", employee_id="E7")


def moved(*rows: str, actor=None):
    return confirmed(previewed(sheet(*rows, head=KEYS), actor=actor), actor=actor)


def notes(row: str) -> list[str]:
    return [note["code"] for note in previewed(sheet(row, head=KEYS)).rows.get().notes]


def address(person: User) -> str:
    return User.objects.get(pk=person.pk).email


def ask(cast, **people) -> None:
    usual = {"asker": cast.stranger, "contact": cast.hr_analyst, "deputy": cast.program_manager}
    HelpRequest.objects.create(
        cohort=cast.cohort, about="other", asked_at=NOW, **{**usual, **people}
    )


def test_address_of_who_never_signed_in_stays_where_others_confided_in_the_account(cast, pat):
    """A match, a help contact or deputy, or an open request for help: each alone is enough."""
    assert notes("E7,evil@example.org") == []
    assert notes("E1,evil@example.org") == ["email_kept"]
    other, third = make_person("o@example.org", "O"), make_person("t@example.org", "T")
    for number, role in enumerate(("person", "deputy"), 1):
        contact = HelpContact.objects.create(
            **{"person": other, "deputy": third, role: pat},
            program=cast.program,
            position=number,
            about="HR",
        )
        assert notes("E7,evil@example.org") == ["email_kept"]
        contact.delete()
    for seat in ("asker", "contact", "deputy"):
        ask(cast, **{seat: pat})
        assert notes("E7,evil@example.org") == ["email_kept"]
        HelpRequest.objects.update(outcome="solved", closed_at=NOW)
        assert notes("E7,evil@example.org") == []


def test_undone_move_is_noted_and_told_and_must_be_confirmed_anew(cast, pat):
    feed = moved("E7,patricia@example.org")
    assert tell_old_addresses(now=NOW) == 1
    EmailAddress.objects.create(user=pat, email="patricia@example.org", verified=True)

    assert undone(feed).counts["left"] == []

    assert address(pat) == "pat@example.org"
    assert not EmailAddress.objects.filter(user=pat).exists()
    events = AuditEvent.objects.filter(action="person.changed", object_id=str(pat.pk))
    assert [event.detail for event in events] == [{"fields": ["email"]}] * 2
    assert tell_old_addresses(now=NOW) == 1
    assert [mail.to for mail in django_mail.outbox] == [
        ["pat@example.org"],
        ["patricia@example.org"],
    ]


def test_undo_gives_no_account_in_use_another_address_but_by_it(cast, pat):
    feed = moved("E7,patricia@example.org")
    User.objects.filter(pk=pat.pk).update(last_login=NOW)

    row = undone(feed)

    assert address(pat) == "patricia@example.org"
    assert row.counts["left"] == [
        "Their account is in use, so the new e-mail stays; IT changes it in the admin: Pat Moss."
    ]
    assert row.counts["undone"]["kept"] == 1

    again = moved("E7,pat.moss@example.org", actor=cast.it_administrator)
    carried(undo_feed(feed=again, actor=cast.it_administrator, now=NOW))
    assert address(pat) == "patricia@example.org"


def test_undo_leaves_out_an_address_that_is_taken_and_names_whose(cast, pat):
    feed = applied("E7,patricia@example.org,Sales", head=f"{KEYS},department")
    make_person("Pat@example.org", "Somebody Else")

    row = undone(feed)

    pat.refresh_from_db()
    assert (pat.email, pat.department) == ("patricia@example.org", "")
    assert row.counts["left"] == [
        "Their earlier e-mail belongs to somebody else now, so the new one stays: Pat Moss."
    ]


def test_old_addresses_are_told_some_at_a_time_and_none_is_lost(cast, monkeypatch):
    people = [make_person(f"n{i}@example.org", f"N {i}", employee_id=f"N{i}") for i in range(4)]
    moved(*(f"N{i},m{i}@example.org" for i in range(len(people))))
    monkeypatch.setattr(feed_telling, "AT_ONCE", 3)
    assert tell_old_addresses(now=NOW) == 3
    send = feed_telling.mail_old_address

    def stopped(_person: User, *, old: str) -> None:
        raise SoftTimeLimitExceeded

    def away(_person: User, *, old: str) -> None:
        raise TryLater("away", is_server_trouble=True)

    monkeypatch.setattr(feed_telling, "mail_old_address", stopped)
    with pytest.raises(SoftTimeLimitExceeded):
        tell_old_addresses(now=NOW)
    monkeypatch.setattr(feed_telling, "mail_old_address", away)
    assert tell_old_addresses(now=NOW) == 0

    monkeypatch.setattr(feed_telling, "mail_old_address", send)
    assert tell_old_addresses(now=NOW) == 1
    assert sorted(mail.to[0] for mail in django_mail.outbox) == [
        f"n{number}@example.org" for number in range(4)
    ]
    assert not FeedRow.objects.exclude(to_tell="").exists()


def test_address_of_who_signed_in_or_has_a_role_moves_only_by_it_and_the_old_one_is_told(cast):
    """HR must not take over an account by giving it a mailbox of its own."""
    hr, it = grant(cast.hr_analyst, "hr_analyst", None).user, cast.it_administrator
    User.objects.filter(pk=cast.program_manager.pk).update(employee_id="E3")
    User.objects.filter(pk=cast.mentor.pk).update(last_login=NOW)
    rows = ("E1,evil1@example.org", "E3,evil3@example.org")
    feed = previewed(sheet(*rows, head="employee id,email"), actor=hr)

    assert actions(feed) == ["unchanged", "unchanged"]
    assert [row.notes[0]["code"] for row in feed.rows.all()] == ["email_kept", "email_kept"]
    night = previewed(sheet(*rows, head="employee id,email"))
    assert actions(night) == ["unchanged", "unchanged"]

    feed = carried(look_again(feed=feed, actor=it, now=NOW))
    assert actions(feed) == ["change", "change"]
    assert [row.notes[0]["code"] for row in feed.rows.all()] == ["email_moves", "email_moves"]
    with pytest.raises(DomainError, match="which only IT may"):
        confirmed(feed, actor=hr)
    confirmed(feed, actor=it)
    assert tell_old_addresses(now=NOW) == 2
    assert User.objects.get(employee_id="E1").email == "evil1@example.org"
    daniels, martas = sorted(django_mail.outbox, key=lambda mail: mail.to)
    assert (daniels.to, martas.to) == (["daniel@example.org"], ["marta@example.org"])
    assert "evil1@example.org" in daniels.body
    events = AuditEvent.objects.filter(action="person.changed", detail={"fields": ["email"]})
    assert set(events.values_list("object_id", "actor")) == {
        (str(person.pk), it.pk) for person in (cast.mentor, cast.program_manager)
    }


def test_preview_of_it_that_hr_confirms_by_a_trick_moves_no_address(cast):
    hr = grant(cast.hr_analyst, "hr_analyst", None).user
    User.objects.filter(pk=cast.mentor.pk).update(last_login=NOW)
    feed = previewed(
        sheet("E1,evil@example.org", head="employee id,email"), actor=cast.it_administrator
    )
    queued = confirm_feed(
        feed=feed,
        seen=feed.plan_digest,
        accepts_hold=False,
        actor=cast.it_administrator,
        now=NOW,
    )
    Feed.objects.filter(pk=queued.pk).update(requested_by=hr)

    assert carried(queued).status == JobStatus.FAILED
    assert User.objects.get(employee_id="E1").email == "daniel@example.org"
