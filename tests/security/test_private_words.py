"""Words that people wrote for themselves or for each other stay with them.

``test_urls.py`` reads every page as every role; here are the exports, the database, the audit log,
the mail, the logs, and the people who are two things at once.
"""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from itertools import product

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from audit.models import AuditEvent
from reports.datasets import DATASETS
from tests.conftest import grant
from tests.security.table import every_url, rule_of
from tests.security.words import (
    ACTION,
    ANNOUNCED,
    COLLEAGUE,
    NOTE,
    SEALED,
    SUMMARY,
    leaked,
    marks_in,
)

NAMES = sorted({name for name, _pattern in every_url() if name})
FORMATS = ("csv", "xlsx", "json")


def pages_about(worlds):
    """Return the address of every url with the objects of the own program."""
    rules = ((name, rule_of(name)) for name in NAMES if name != "api:unknown")
    return [
        reverse(name, kwargs=rule.about(worlds["own"]) if rule.about else None)
        for name, rule in rules
        if rule is not None
    ]


def test_the_partner_reads_the_shared_words_and_not_the_note(worlds, visitor):
    page = visitor("mentor")(
        "get", reverse("meetings:detail", args=(worlds["own"].meeting.pk,))
    ).body.decode()

    assert SUMMARY in page
    assert ACTION in page
    assert NOTE not in page


@pytest.mark.parametrize("role", ["program_manager", "hr_analyst", "owner", "superuser"])
def test_no_export_holds_private_words(cast, worlds, visitor, role):
    ask = visitor(role)
    for dataset, file_format in product(sorted(DATASETS), FORMATS):
        path = reverse("reports:export", args=(dataset, file_format))
        answer = ask("get", path, {"cohort": cast.cohort.pk})

        assert answer.status_code in {200, 403}, path
        assert marks_in(_unpacked(answer.body, file_format)) == set(), path


def _unpacked(body: bytes, file_format: str) -> bytes:
    if file_format != "xlsx" or not body.startswith(b"PK"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def test_no_table_holds_private_words_in_clear(worlds):
    """Whoever reads the database, or a dump of it, without the key reads nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            for mark in SEALED:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s OR t::text ILIKE %s',
                    [f"%{mark}%", f"%{mark.encode().hex()}%"],
                )
                assert cursor.fetchone() == (0,), table


def test_no_audit_row_holds_words(worlds):
    rows = json.dumps(list(AuditEvent.objects.values("action", "object_id", "detail")))

    assert AuditEvent.objects.filter(action="meeting.logged").exists()
    assert marks_in(rows.encode()) == set()


def test_no_mail_holds_words(worlds):
    assert marks_in("".join(message.body for message in mail.outbox).encode()) == set()


def test_manager_who_takes_part_reads_own_words_as_a_member_only(cast, worlds, visitor):
    grant(cast.mentor, Role.MANAGER, cast.program)
    ask = visitor("mentor")

    for path in pages_about(worlds):
        assert leaked(ask("get", path).body, "mentor") <= {ANNOUNCED, COLLEAGUE}, path


@pytest.mark.parametrize("way", ["page", "api"])
def test_fault_while_words_are_written_shows_them_nowhere(
    cast, worlds, visitor, settings, caplog, way
):
    settings.FIELD_KEYS = {}
    day = timezone.now().date() - timedelta(days=3)
    data = {
        "match": cast.match.pk,
        "held_on": day.isoformat(),
        "private_note": f"{NOTE} again",
        "summary": f"{SUMMARY} again",
    }
    ask = visitor("mentor")
    if way == "api":
        answer = ask("post", "/api/v1/meetings/", data, content_type="application/json")
    else:
        answer = ask("post", reverse("meetings:log", args=(cast.match.pk,)), data)

    assert answer.status_code == 500
    assert marks_in(answer.body) == set()
    assert marks_in(caplog.text.encode()) == set()
    assert marks_in("".join(message.body for message in mail.outbox).encode()) == set()
