"""Datasets as CSV, JSON and XLSX, a piece at a time: memory does not grow with the rows."""

from __future__ import annotations

import json
import queue
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import datetime
from typing import IO, Any

from django.db import connection, transaction
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from reports.datasets import Dataset, Scope

PIECES_WAITING = 32
PIECE_BYTES = 64 * 1024
ROWS_A_FETCH = 2_000
DONE = None


class _Stopped(Exception):
    """The reader went away."""


class _Pipe:
    """A file that PostgreSQL's COPY writes to and a response reads from, in two threads."""

    def __init__(self) -> None:
        self.pieces: queue.Queue[bytes | BaseException | None] = queue.Queue(PIECES_WAITING)
        self.stopped = threading.Event()
        self.buffer = bytearray()

    def write(self, data: bytes) -> int:
        self.buffer += data
        if len(self.buffer) >= PIECE_BYTES:
            self.flush()
        return len(data)

    def flush(self) -> None:
        if self.buffer:
            self.put(bytes(self.buffer))
            self.buffer.clear()

    def put(self, piece: bytes | BaseException | None) -> None:
        while True:
            if self.stopped.is_set():
                raise _Stopped
            try:
                return self.pieces.put(piece, timeout=0.5)
            except queue.Full:
                continue

    def __iter__(self) -> Iterator[bytes]:
        try:
            while (piece := self.pieces.get()) is not DONE:
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
        finally:
            self.stopped.set()


def csv_stream(dataset: Dataset, scope: Scope) -> Iterator[bytes]:
    """Yield the CSV as PostgreSQL's COPY writes it, with a byte-order mark for spreadsheets."""
    pipe = _Pipe()
    copying = threading.Thread(target=_copy, args=(dataset, scope, pipe), daemon=True)
    copying.start()
    try:
        yield b"\xef\xbb\xbf"
        yield from pipe
    finally:
        pipe.stopped.set()
        copying.join()


def _copy(dataset: Dataset, scope: Scope, pipe: _Pipe) -> None:
    """Fill the pipe; the connection is closed before the reader hears of the end."""
    end: BaseException | None = DONE
    try:
        with closing(connection), connection.cursor() as cursor:
            query = cursor.mogrify(dataset.sql, scope.params).decode()
            cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT csv, HEADER true)", pipe)
            pipe.flush()
    except BaseException as error:
        end = error
    with suppress(_Stopped):
        pipe.put(end)


def rows(dataset: Dataset, scope: Scope) -> Iterator[tuple[Any, ...]]:
    """Yield the rows through a server-side cursor."""
    with (
        transaction.atomic(),
        connection.cursor() as plain,
        plain.connection.cursor(name="export") as cursor,
    ):
        cursor.itersize = ROWS_A_FETCH
        cursor.execute(dataset.sql, scope.params)
        yield from cursor


def json_stream(dataset: Dataset, scope: Scope, *, as_of: datetime) -> Iterator[bytes]:
    """Yield one JSON object: when, what each column means, and the rows."""
    head = {"dataset": dataset.key, "as_of": as_of.isoformat(), "columns": dictionary(dataset)}
    yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "rows": ['
    buffer = bytearray()
    for at, row in enumerate(rows(dataset, scope)):
        values = dict(zip(dataset.names, row, strict=True))
        buffer += b"," if at else b""
        buffer += json.dumps(values, ensure_ascii=False, default=str).encode()
        if len(buffer) >= PIECE_BYTES:
            yield bytes(buffer)
            buffer.clear()
    yield bytes(buffer) + b"]}"


def xlsx_file(dataset: Dataset, scope: Scope, *, as_of: datetime) -> IO[bytes]:
    """Return a spreadsheet in a temporary file: one sheet of rows, one of meanings."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(str(dataset.title)[:31])
    sheet.freeze_panes = "A2"
    sheet.append([_bold(sheet, name) for name in dataset.names])
    for row in rows(dataset, scope):
        sheet.append([_plain(sheet, value) for value in row])
    meanings = book.create_sheet("Dictionary")
    meanings.append([_bold(meanings, "column"), _bold(meanings, "meaning")])
    for name, meaning in dictionary(dataset).items():
        meanings.append([name, meaning])
    meanings.append([])
    meanings.append(["as of", as_of.isoformat()])
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the response closes it)
    book.save(file)
    file.seek(0)
    return file


def _bold(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _plain(sheet: Any, value: Any) -> Any:
    """Write text as text: openpyxl would take a leading equals sign for a formula."""
    if not isinstance(value, str) or not value.startswith("="):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    cell.data_type = "s"
    return cell


def dictionary(dataset: Dataset) -> dict[str, str]:
    """Return what each column means, in the reader's language."""
    return {column.name: str(column.meaning) for column in dataset.columns}
