"""Exports: the right rows for the right people, neutralised, and in the audit log."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Role, User
from audit.models import AuditEvent
from matching.models import MatchMember
from matching.services.closing import leave_match
from reports.datasets import DATASETS, MEETINGS, PARTICIPATION
from reports.selectors import Filters, funnel
from sessions.models import Meeting
from tests.conftest import NOW, enrol, grant, make_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel(NOW, tick=False):
        yield


def url_of(dataset, file_format):
    return reverse("reports:export", args=(dataset.key, file_format))


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def rows_of(response):
    text = body(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_participation_counts_meetings_of_the_time_in_which_somebody_was_in_the_circle(cast):
    def sit(name, since):
        seat = enrol(cast.cohort, make_person(f"{name}@example.org", f"{name} C"), "mentee")
        return MatchMember.objects.create(
            match=cast.match, user=seat.user, enrolment=seat, role="mentee", joined_at=since
        )

    early = sit("early", cast.match.created_at)
    sit("late", NOW + timedelta(days=10))
    for days in (-3, 5, 12):
        Meeting.objects.create(
            match=cast.match, held_on=NOW.date() + timedelta(days=days), minutes=30
        )
    left = NOW + timedelta(days=6)
    leave_match(match=cast.match, person=early.user, actor=early.user, now=left)

    with time_machine.travel(NOW + timedelta(days=20), tick=False):
        rows = rows_of(cast.client("hr_analyst").get(url_of(PARTICIPATION, "csv")))
        figures = funnel(
            Filters(cast.cohort, cast.cohort.enrolment_opens_on, NOW.date() + timedelta(days=20))
        )

    held = {row["email"].partition("@")[0]: row["meetings_held"] for row in rows}
    assert held == {"daniel": "3", "priya": "3", "early": "2", "late": "1"}
    assert figures.met == 4


def test_who_joined_after_the_last_meeting_has_not_met(cast):
    seat = enrol(cast.cohort, make_person("late@example.org", "Late C"), "mentee")
    Meeting.objects.create(match=cast.match, held_on=NOW.date(), minutes=30)
    MatchMember.objects.create(
        match=cast.match,
        user=seat.user,
        enrolment=seat,
        role="mentee",
        joined_at=NOW + timedelta(days=2),
    )
    until = NOW.date() + timedelta(days=3)
    figures = funnel(Filters(cast.cohort, cast.cohort.enrolment_opens_on, until))
    assert (figures.paired, figures.met) == (3, 2)


def test_csv_of_participation_has_one_row_per_enrolment(cast):
    Meeting.objects.create(match=cast.match, held_on=NOW.date(), minutes=45)

    response = cast.client("hr_analyst").get(url_of(PARTICIPATION, "csv"))

    rows = rows_of(response)
    assert list(rows[0]) == PARTICIPATION.names
    assert [(r["email"], r["role"], r["meetings_held"], r["minutes"]) for r in rows] == [
        ("daniel@example.org", "mentor", "1", "45"),
        ("priya@example.org", "mentee", "1", "45"),
    ]
    assert "attachment" in response["Content-Disposition"]


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@sum", "\tx"])
def test_text_that_looks_like_a_formula_is_neutralised_everywhere(cast, start):
    User.objects.filter(pk=cast.mentor.pk).update(department=start)
    client = cast.client("hr_analyst")

    from_csv = rows_of(client.get(url_of(PARTICIPATION, "csv")))[0]["department"]
    from_json = json.loads(body(client.get(url_of(PARTICIPATION, "json"))))["rows"][0]
    book = load_workbook(io.BytesIO(body(client.get(url_of(PARTICIPATION, "xlsx")))))
    from_xlsx = book.worksheets[0].cell(2, PARTICIPATION.names.index("department") + 1).value

    assert from_csv == from_json["department"] == from_xlsx == "'" + start


def test_json_explains_its_columns_and_says_as_of(cast):
    answer = json.loads(body(cast.client("hr_analyst").get(url_of(PARTICIPATION, "json"))))

    assert answer["as_of"] == NOW.isoformat()
    assert set(answer["columns"]) == set(PARTICIPATION.names)
    assert [row["person_id"] for row in answer["rows"]] == [cast.mentor.pk, cast.mentee.pk]


def test_xlsx_has_a_sheet_that_explains_the_columns(cast):
    response = cast.client("hr_analyst").get(url_of(PARTICIPATION, "xlsx"))

    book = load_workbook(io.BytesIO(body(response)))
    meanings = [row[0].value for row in book["Dictionary"].iter_rows(min_row=2)]
    assert meanings[: len(PARTICIPATION.names)] == PARTICIPATION.names


def test_export_writes_one_audit_row(cast):
    body(cast.client("hr_analyst").get(url_of(PARTICIPATION, "csv")))

    event = AuditEvent.objects.get(action="export.made")
    assert (event.actor, event.detail["dataset"], event.detail["format"]) == (
        cast.hr_analyst,
        "participation",
        "csv",
    )


def test_meetings_row_by_row_are_for_managers_only(cast):
    Meeting.objects.create(match=cast.match, held_on=NOW.date())

    assert cast.client("hr_analyst").get(url_of(MEETINGS, "csv")).status_code == 403
    assert not AuditEvent.objects.filter(action="export.made").exists()
    rows = rows_of(cast.client("program_manager").get(url_of(MEETINGS, "csv")))
    assert [row["match_id"] for row in rows] == [str(cast.match.pk)]


def test_meetings_of_the_managers_own_match_are_left_out(cast):
    Meeting.objects.create(match=cast.match, held_on=NOW.date())
    grant(cast.mentor, Role.MANAGER, cast.program)

    assert rows_of(cast.client("mentor").get(url_of(MEETINGS, "csv"))) == []


@pytest.mark.parametrize("dataset", DATASETS.values(), ids=DATASETS)
@pytest.mark.parametrize(("who", "status"), [("mentor", 403), ("stranger", 403)])
def test_exports_are_refused_to_participants(cast, dataset, who, status):
    assert cast.client(who).get(url_of(dataset, "csv")).status_code == status


def test_export_of_a_foreign_cohort_is_not_found(cast):
    response = cast.client("hr_analyst").get(
        url_of(PARTICIPATION, "csv"), {"cohort": cast.other_cohort.pk}
    )

    assert response.status_code == 404


@pytest.mark.parametrize("path", ["nothing.csv", "participation.pdf"])
def test_export_that_does_not_exist_is_not_found(cast, path):
    assert cast.client("hr_analyst").get(f"/reports/export/{path}").status_code == 404


def test_no_dataset_reads_a_table_of_words():
    private = ("privatenote", "sharedsummary", "meetingrating", "participants_answer", "checkin")

    assert [d.key for d in DATASETS.values() if any(table in d.sql for table in private)] == []
