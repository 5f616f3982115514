"""HR's part of the story, and a program's that uses the API."""

from __future__ import annotations

import csv
import io
import json
import re
import urllib.error
import urllib.request
from datetime import date
from typing import Any

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from audit.models import AuditEvent
from matching.models import Match
from sessions.models import Meeting
from tests.browser.driving import go, look_over


def read_report(page: Page) -> None:
    """Look at the report and change what it is grouped by."""
    go(page, "/reports/")
    expect(page.get_by_role("heading", name="By department")).to_be_visible()
    look_over(page)
    page.get_by_label("Group by").select_option("level")
    page.wait_for_url(re.compile("group_by=level"))
    expect(page.get_by_role("heading", name="By level")).to_be_visible()
    go(page, "/reports/dictionary/")
    look_over(page)


def download_participation(page: Page, meeting: Meeting) -> None:
    """Get the same rows in three formats, each written into the audit log."""
    go(page, "/reports/")
    files: dict[str, bytes] = {}
    for file_format in ("csv", "xlsx", "json"):
        with page.expect_download() as download:
            page.locator(f"a[href*='participation.{file_format}']").click()
        files[file_format] = download.value.path().read_bytes()
    count = meeting.match.cohort.enrolments.count()
    person = meeting.logged_by_id
    sheet = load_workbook(io.BytesIO(files["xlsx"]), read_only=True).worksheets[0]
    names, *cells = sheet.iter_rows(values_only=True)
    tables: dict[str, list[dict[Any, Any]]] = {
        "csv": list(csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig")))),
        "xlsx": [dict(zip(names, row, strict=True)) for row in cells],
        "json": json.loads(files["json"])["rows"],
    }
    for file_format, rows in tables.items():
        assert len(rows) == count, file_format
        (row,) = [row for row in rows if str(row["person_id"]) == str(person)]
        assert (str(row["meetings_held"]), str(row["minutes"])) == ("1", "30"), file_format
    exports = AuditEvent.objects.filter(action="export.made", actor__email="jun@example.org")
    assert sorted(event.detail["format"] for event in exports) == ["csv", "json", "xlsx"]


def make_token(page: Page, name: str, scopes: list[str]) -> str:
    """Make a token on the account's page and return the key, which is shown once."""
    go(page, "/account/tokens/")
    page.get_by_label("Name", exact=True).fill(name)
    for scope in scopes:
        page.get_by_role("checkbox", name=scope).check(force=True)
    page.get_by_role("button", name="Make token").click()
    key = page.locator("code.secret").inner_text()
    look_over(page)
    go(page, "/account/tokens/")
    assert key not in page.content()
    return key


def use_api(site: str, *, reader: str, writer: str, match: Match) -> None:
    """List matches, fail to log a meeting with a reader's token, log one with the other."""
    day = date.today().isoformat()
    wanted = {"match": match.pk, "held_on": day, "minutes": 45, "another_same_day": True}

    status, answer = ask(f"{site}/api/v1/matches/", reader)
    assert status == 200
    assert [row["id"] for row in answer["results"]] == [match.pk]
    status, answer = ask(f"{site}/api/v1/meetings/", reader, wanted)
    assert status == 403
    assert match.meetings.count() == 1
    status, answer = ask(f"{site}/api/v1/meetings/", writer, wanted)
    assert status == 201, answer
    assert (answer["held_on"], answer["minutes"]) == (day, 45)
    assert match.meetings.count() == 2
    status, answer = ask(f"{site}/api/v1/matches/", "no-such-token")
    assert status == 401


def ask(url: str, token: str, data: Any = None) -> tuple[int, Any]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    if data is not None:
        request.data = json.dumps(data).encode()
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
