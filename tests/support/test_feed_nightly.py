"""The list of every night, and the command that applies it."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest
from django.core.management import call_command
from django.urls import reverse

from accounts.models import User
from notifications import mailbox
from notifications.models import Message
from notifications.services import send_message
from support.models import Feed, FeedSettings
from support.services.feeding import (
    day_in_name,
)
from support.services.nightly import take_in
from tests.conftest import NOW
from tests.support.listing import (
    DANIEL,
    PRIYA,
    applied,
    sheet,
    states,
    undone,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("numbers")]


def test_nightly_file_is_applied_once_and_held_lists_wait_and_mail(cast, tmp_path):
    path = tmp_path / "hr-2026-11-18.csv"
    path.write_bytes(sheet(DANIEL.replace("Data", "Sales"), PRIYA))
    take = partial(take_in, path=path, kind="full", now=NOW)

    assert take(dry_run=True).state == "dry_run"
    assert not Feed.objects.exists()
    first = take()
    assert (first.state, first.feed.dated) == ("applied", date(2026, 11, 18))
    assert take().state == "nothing"

    FeedSettings.objects.update(hold_percent=2)
    path.write_bytes(sheet(PRIYA))
    tried = take(dry_run=True)
    assert (tried.state, "would be held" in tried.text) == ("held", True)
    assert Feed.objects.count() == 1
    assert not Message.objects.filter(kind="support.hr_list").exists()
    assert (take().state, take().state) == ("held", "waits")
    assert states(cast) == ("active", "enrolled")
    message = Message.objects.get(kind="support.hr_list")
    assert message.recipient == cast.it_administrator
    send_message(pk=message.pk, clock=lambda: NOW)
    mail = mailbox.read_mails()[0]
    assert mail.subject == "An HR list is held and waits for you"
    assert "1 of 2 people who take part would leave, 50.0 percent." in mail.text
    assert message.notice.path == reverse("support:feed", args=(Feed.objects.first().token,))
    assert "Daniel" not in mail.text


def test_nightly_file_that_fails_is_told(cast, tmp_path):
    night = take_in(path=tmp_path / "gone.csv", kind="full", now=NOW)

    assert (night.state, night.code) == ("failed", "missing")
    message = Message.objects.get(kind="support.hr_list")
    send_message(pk=message.pk, clock=lambda: NOW)
    assert "Is it where HR_FEED_PATH says?" in mailbox.read_mails()[0].text


def test_file_that_was_undone_is_not_applied_again_by_itself(cast, tmp_path):
    path = tmp_path / "hr-2026-11-18.csv"
    path.write_bytes(sheet(DANIEL.replace("Data", "Sales"), PRIYA))
    undone(take_in(path=path, kind="full", now=NOW).feed)

    assert take_in(path=path, kind="full", now=NOW).state == "nothing"
    applied(PRIYA, DANIEL, kind="full")
    assert take_in(path=path, kind="full", now=NOW).state == "nothing"
    assert User.objects.get(employee_id="E1").department == "Data"


def test_command_names_bad_rows_and_applies_none_or_the_rest(cast, tmp_path, capsys):
    path = tmp_path / "changes.csv"
    path.write_bytes(sheet(DANIEL.replace("Data", "Sales"), "E2,broken,Priya,Raman,Sales,"))
    command = partial(call_command, "apply_hr_feed", str(path), "--kind", "changes")

    with pytest.raises(SystemExit) as stopped:
        command()
    said = capsys.readouterr()
    assert stopped.value.code == 1
    assert "Row 3: E-mail: “broken” is not an e-mail address. Write it like" in said.out
    assert User.objects.get(employee_id="E1").department == "Data"

    with pytest.raises(SystemExit):
        command("--skip-problems")
    assert "The list is applied." in capsys.readouterr().out
    assert User.objects.get(employee_id="E1").department == "Sales"


def test_day_is_read_from_a_file_name():
    assert day_in_name("people-2026-11-22.csv") == date(2026, 11, 22)
    assert day_in_name("HR_20261122_full.xlsx") == date(2026, 11, 22)
    assert day_in_name("people-1234567890.csv") is None
    assert day_in_name("people-2026-02-31.csv") is None


def test_nightly_list_whose_e_mails_are_kept_back_is_told_once(cast, tmp_path):
    path = tmp_path / "hr-2026-11-18.csv"
    path.write_bytes(sheet("E1,dan@example.org", "E2,priya@example.org", head="employee id,email"))
    take = partial(take_in, path=path, kind="changes", now=NOW)

    assert (take().state, take().state) == ("applied", "nothing")
    message = Message.objects.get(kind="support.hr_list")
    send_message(pk=message.pk, clock=lambda: NOW)
    mail = mailbox.read_mails()[0]
    assert mail.subject == "The HR list says other e-mails than the accounts have"
    assert "1 account that is in use keeps its e-mail" in mail.text
    assert "dan" not in mail.text

    path.write_bytes(sheet("E1,dan@example.org", "E2,raman@example.org", head="employee id,email"))
    assert (take().newly_kept, Message.objects.count()) == (1, 2)
    path.write_bytes(sheet("E1,dan@example.org", head="employee id,email"))
    assert (take().newly_kept, Message.objects.count()) == (0, 2)
