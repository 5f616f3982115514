"""Helpers to import files as a manager would."""

import csv
import io
from dataclasses import dataclass

import pytest

from core.progress import quiet
from participants.models import ImportRun
from participants.services import importing
from participants.services.carrying import carry_import
from tests.conftest import NOW, Cast


def csv_bytes(*rows) -> bytes:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue().encode()


@dataclass
class Importer:
    """Plays a program manager who imports files into the cast's cohort."""

    cast: Cast
    now: object = NOW

    def start(self, content: bytes, role: str = "mentor", name: str = "people.csv") -> ImportRun:
        return importing.start_import(
            cohort=self.cast.cohort,
            role=role,
            file_name=name,
            content=content,
            actor=self.cast.program_manager,
            now=self.now,
        )

    def carry(self, run: ImportRun) -> ImportRun:
        carried = carry_import(run_id=run.pk, clock=lambda: self.now, report=quiet)
        assert carried is not None
        return carried

    def preview(self, content: bytes, role: str = "mentor", columns=None) -> ImportRun:
        run = self.start(content, role)
        columns = columns or run.mapping["columns"]
        return self.carry(importing.map_columns(run=run, columns=columns, now=self.now))

    def confirm(self, run: ImportRun) -> ImportRun:
        confirmed = importing.confirm_import(
            run=run,
            seen=importing.preview_stamp(run),
            actor=self.cast.program_manager,
            now=self.now,
        )
        return self.carry(confirmed)

    def rows(self, *rows, role: str = "mentor", columns=None) -> ImportRun:
        """Preview a CSV of these rows."""
        return self.preview(csv_bytes(*rows), role, columns)

    def undo(self, run: ImportRun) -> ImportRun:
        undone = importing.undo_import(run=run, actor=self.cast.program_manager, now=self.now)
        return self.carry(undone)


@pytest.fixture
def importer(cast) -> Importer:
    return Importer(cast)


def actions(run: ImportRun) -> list[tuple[int, str]]:
    return list(run.rows.values_list("number", "action"))


def problems(run: ImportRun) -> dict[int, list[str]]:
    rows = run.rows.filter(action="problem").values_list("number", "problems")
    return {number: [item["code"] for item in found] for number, found in rows}


def notes(run: ImportRun) -> dict[int, list[str]]:
    rows = run.rows.values_list("number", "differences")
    return {number: [item["code"] for item in found] for number, found in rows if found}
