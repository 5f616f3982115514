"""One table out of any file: a header, and rows with their numbers in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from participants.reading.delimited import DelimitedFile
from participants.reading.errors import UnreadableFile
from participants.reading.workbook import WorkbookFile

__all__ = ["MAX_CELL", "MAX_COLUMNS", "MAX_ROWS", "Row", "Table", "UnreadableFile", "read_table"]

MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELL = 20_000
HEADER_LENGTH = 200
# Control characters other than tab and line ends mean nothing in a cell and cannot be stored.
INVISIBLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufeff]")
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
NUMBER = re.compile(r"[-+]?[\d.,\s]+")


@dataclass(frozen=True, slots=True)
class Row:
    """``cells`` has one text for each header; ``extra`` is what stands beyond the last header."""

    number: int
    cells: list[str]
    extra: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """Headers, and rows that can be read from the start as often as needed."""

    headers: list[str]
    header_number: int
    source: Any

    @property
    def facts(self) -> dict[str, str]:
        """How the file was read: kind, encoding and delimiter, or sheet."""
        return self.source.facts

    def rows(self) -> Iterator[Row]:
        """Yield rows that hold anything.

        Raises:
            UnreadableFile: the file breaks off, is damaged, or has more than ``MAX_ROWS`` rows.
        """
        width, count = len(self.headers), 0
        for number, raw in self.source.rows():
            if number <= self.header_number:
                continue
            cells = [clean_cell(cell) for cell in raw]
            if not any(cells):
                continue
            count += 1
            if count > MAX_ROWS:
                raise too_many_rows()
            missing = width - len(cells)
            if missing > 0:
                cells += [""] * missing
            yield Row(number, cells[:width], _without_empty_end(cells[width:]))


def read_table(content: bytes, file_name: str = "") -> Table:
    """Open the file and read its header.

    Raises:
        UnreadableFile: empty, damaged, of another kind, or without a row of headings.
    """
    if not content.strip(b"\xff\xfe\xef\xbb\xbf\0 \t\r\n"):
        raise UnreadableFile(_("This file is empty. Choose the file with your list."), code="empty")
    source = _source(content)
    for number, raw in source.rows():
        cells = _without_empty_end([clean_header(cell) for cell in raw])
        if any(cells):
            _check_header(cells)
            return Table([cell or _column_name(i) for i, cell in enumerate(cells)], number, source)
    raise UnreadableFile(_("This file is empty. Choose the file with your list."), code="empty")


def clean_cell(text: str) -> str:
    """Trim a cell; line ends become line feeds, characters that nobody sees are dropped."""
    if text.isprintable():
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", " ").replace("\f", " ")
    return INVISIBLE.sub("", text).replace("\xa0", " ").strip()


def clean_header(text: str) -> str:
    """Return a header on one line, with single spaces."""
    return " ".join(INVISIBLE.sub("", text).split())[:HEADER_LENGTH]


def too_many_rows() -> UnreadableFile:
    return UnreadableFile(
        _("The file has more than %(limit)s rows. Split it into several files.")
        % {"limit": f"{MAX_ROWS:,}"},
        code="too_many_rows",
    )


def _source(content: bytes) -> DelimitedFile | WorkbookFile:
    start = content[:512].lstrip()
    if start.startswith(b"PK\x03\x04"):
        return WorkbookFile(content)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableFile(
            _("This is an old Excel file, or one with a password. Save it as XLSX without one."),
            code="old_excel",
        )
    if content.startswith(PICTURES):
        raise UnreadableFile(
            _("This is a picture, not a list. Save your list as XLSX or as CSV UTF-8."),
            code="not_a_table",
        )
    if start.startswith(b"%PDF") or start[:15].lower().startswith(
        (b"<!doctype", b"<html", b"<?xml")
    ):
        raise UnreadableFile(
            _("This is a document, not a list. Save your list as XLSX or as CSV UTF-8."),
            code="not_a_table",
        )
    return DelimitedFile(content)


def _check_header(cells: list[str]) -> None:
    if len(cells) > MAX_COLUMNS:
        raise UnreadableFile(
            _("The file has more than %(limit)d columns. Remove those you do not need.")
            % {"limit": MAX_COLUMNS},
            code="too_many_columns",
        )
    filled = [cell for cell in cells if cell]
    if any(_is_email(cell) for cell in filled) or all(NUMBER.fullmatch(cell) for cell in filled):
        raise UnreadableFile(
            _(
                "The first row holds values, not headings. Add a row on top that names each "
                "column, for example: email, first name, last name."
            ),
            code="no_header",
        )


def _is_email(text: str) -> bool:
    if "@" not in text:
        return False
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _without_empty_end(cells: list[str]) -> list[str]:
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return cells[:end]


def _column_name(index: int) -> str:
    """Return the name a spreadsheet program gives the column: A, B, … AA."""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return str(_("Column %(name)s") % {"name": name})
