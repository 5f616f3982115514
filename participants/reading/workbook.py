"""Rows of an XLSX file, read as a stream. Values as shown; formulas are never evaluated."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
import warnings
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import IO, Any
from xml.etree.ElementTree import ParseError

import openpyxl
from django.utils.translation import gettext_lazy as _
from openpyxl.utils.exceptions import InvalidFileException

from participants.reading.errors import UnreadableFile

MAX_UNZIPPED = 400 * 1_024 * 1_024
MAX_TEXTS_UNZIPPED = 80 * 1_024 * 1_024
MAX_PARTS = 2_000
LAST_ROW = 1_048_576
MAX_CELLS_SCANNED = 60_000_000
BATCH = 500
FAULTS = (
    AttributeError,
    EOFError,
    IndexError,
    InvalidFileException,
    KeyError,
    NotImplementedError,
    OSError,
    OverflowError,
    ParseError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


class WorkbookFile:
    """The first visible sheet of a workbook that holds anything."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._copy: IO[bytes] | None = None
        _check_parts(content)
        self._sheet = ""
        for name in self._visible_sheets():
            self._sheet = name
            if next(self._read(), None):
                break
        self.facts = {"kind": "xlsx", "sheet": self._sheet}

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row that holds anything, with its number in the sheet.

        Taking XML apart is slow: the first pass that reaches the end leaves a copy in a nameless
        temporary file, which later passes read.
        """
        if self._copy is not None:
            yield from _copied(self._copy)
            return
        with contextlib.ExitStack() as stack:
            copy = stack.enter_context(tempfile.TemporaryFile())
            for number, cells in self._read():
                copy.write(json.dumps([number, cells]).encode() + b"\n")
                yield number, cells
            stack.pop_all()
            self._copy = copy
            weakref.finalize(self, copy.close)

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        book = self._open()
        try:
            sheet = book[self._sheet]
            sheet.reset_dimensions()
            yield from _filled_rows(sheet.iter_rows(values_only=True))
        finally:
            book.close()

    def _visible_sheets(self) -> list[str]:
        book = self._open()
        try:
            return [sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible"]
        finally:
            book.close()

    def _open(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return openpyxl.load_workbook(
                    io.BytesIO(self._content), read_only=True, data_only=True, keep_links=False
                )
            except FAULTS:
                raise damaged_workbook() from None


def _copied(copy: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a copy; several may be under way, so each keeps its own place."""
    place = 0
    while True:
        copy.seek(place)
        lines = list(islice(iter(copy.readline, b""), BATCH))
        place = copy.tell()
        if not lines:
            return
        for line in lines:
            number, cells = json.loads(line)
            yield number, cells


def _filled_rows(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[int, list[str]]]:
    number = scanned = 0
    while batch := _next_batch(rows):
        for values in batch:
            number += 1
            scanned += len(values)
            if any(value is not None for value in values):
                yield number, [text_of(value) for value in values]
        if number > LAST_ROW or scanned > MAX_CELLS_SCANNED:
            raise too_far()


def _next_batch(rows: Iterator[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return list(islice(rows, BATCH))
        except FAULTS:
            raise damaged_workbook() from None


def too_far() -> UnreadableFile:
    return UnreadableFile(
        _(
            "The sheet reaches further than any list of people: somewhere far below or to the "
            "right it has cells. Copy the list into a new workbook and upload that."
        ),
        code="too_large",
    )


def text_of(value: Any) -> str:
    """Return a cell's value as text: days and times in ISO form, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def _check_parts(content: bytes) -> None:
    """Judge the archive by its directory before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_sizes(parts)
            _check_no_entities(archive, parts)
    except FAULTS:
        raise damaged_workbook() from None


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    if not any(part.filename.startswith("xl/") for part in parts):
        raise UnreadableFile(
            _("This is not an Excel workbook. Save your list as XLSX or as CSV UTF-8."),
            code="not_a_workbook",
        )
    texts = sum(part.file_size for part in parts if "sharedStrings" in part.filename)
    total = sum(part.file_size for part in parts)
    if total > MAX_UNZIPPED or texts > MAX_TEXTS_UNZIPPED or len(parts) > MAX_PARTS:
        raise UnreadableFile(
            _(
                "Unpacked, this workbook is larger than we open. "
                "Copy the list into a new workbook, or save it as CSV UTF-8."
            ),
            code="too_large",
        )


def _check_no_entities(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    """Spreadsheet programs never write document types; attacks on readers of XML do."""
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with archive.open(part) as stream:
                if b"<!" in stream.read(1_024).replace(b"<!--", b""):
                    raise damaged_workbook()


def damaged_workbook() -> UnreadableFile:
    return UnreadableFile(
        _("This workbook cannot be opened. Open it in Excel, save it again as XLSX, and retry."),
        code="damaged_workbook",
    )
