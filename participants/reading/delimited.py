"""Rows of a CSV file, whatever separates its columns and ends its lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

from django.utils.translation import gettext_lazy as _

from participants.reading.encoding import NAMES, encoding_of
from participants.reading.errors import UnreadableFile

DELIMITERS = (",", ";", "\t", "|")
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SAMPLE_ROWS = 30


class DelimitedFile:
    """A CSV file that can be read from its start as often as needed, line by line."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._encoding = encoding_of(content)
        self._skip, hinted = self._hint()
        self.delimiter = hinted or self._most_likely_delimiter()
        self.facts = {
            "kind": "csv",
            "encoding": NAMES.get(self._encoding, self._encoding),
            "delimiter": DELIMITER_NAMES[self.delimiter],
        }

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row with its number as a spreadsheet program shows it."""
        lines = _CountedLines(self._lines())
        reader = csv.reader(lines, delimiter=self.delimiter)
        number = self._skip
        try:
            for cells in reader:
                number += 1
                yield number, cells
                quotes, lines.quotes = lines.quotes, 0
        except csv.Error:
            raise _open_quote(number + 1) from None
        if number > self._skip and quotes % 2:
            raise _open_quote(number)

    def _lines(self) -> Iterator[str]:
        lines = io.TextIOWrapper(io.BytesIO(self._content), encoding=self._encoding, newline="")
        return islice(lines, self._skip, None)

    def _hint(self) -> tuple[int, str]:
        """Spreadsheet programs may write ``sep=;`` above the header."""
        self._skip = 0
        first = next(self._lines(), "").strip()
        if first.startswith("sep=") and first[4:] in DELIMITERS:
            return 1, first[4:]
        return 0, ""

    def _most_likely_delimiter(self) -> str:
        scores = [(self._score(delimiter), delimiter) for delimiter in DELIMITERS]
        return max(scores, key=lambda entry: entry[0])[1]

    def _score(self, delimiter: str) -> float:
        """Return columns of the first row, times the share of rows that have as many."""
        reader = csv.reader(self._lines(), delimiter=delimiter)
        try:
            widths = [len(cells) for cells in islice(reader, SAMPLE_ROWS) if any(cells)]
        except csv.Error:
            return 0
        if not widths or widths[0] == 1:
            return 0
        return widths[0] * widths.count(widths[0]) / len(widths)


class _CountedLines:
    """Passes lines on and counts their quotation marks, to notice one that never closes."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.quotes = 0

    def __iter__(self) -> _CountedLines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.quotes += line.count('"')
        return line


def _open_quote(number: int) -> UnreadableFile:
    return UnreadableFile(
        _(
            "A quotation mark that opens in row %(number)d never closes, so that the rows after it "
            "would run together. Correct that row and upload the file again."
        )
        % {"number": number},
        code="open_quote",
    )
