"""Every kind of file: read right, or refused in words."""

import csv
import io
import time
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from django.utils.translation import override

from participants.reading import Table, UnreadableFile, read_table

DATA = Path(__file__).parents[1] / "data"


def table_of(name: str) -> Table:
    return read_table((DATA / name).read_bytes(), name)


def content_of(table: Table) -> list:
    return [table.headers, *([row.number, *row.cells] for row in table.rows())]


def refusal(content: bytes) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        list(read_table(content).rows())
    return caught.value


def workbook(*rows, sheet="People") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("blanks.csv", [["a", "b", "c", "d", "e", "f"], [2, "", "NA", "N/A", "NONE", "NULL", "."]]),
        (
            "mac_newlines.csv",
            [["a", "b", "c"], [2, "1", "2", "3"], [3, "Once upon\na time", "5", "6"]],
        ),
        ("test_date_format.csv", [["a"], [2, "02/01/2014"], [3, "31/12/2012"]]),
        ("test_header_newline.csv", [["start end", "b", "c"], [2, "d", "e", "f"]]),
        ("test_latin1.csv", [["a", "b", "c"], [2, "1", "2", "3"], [3, "4", "5", "©"]]),
        ("test_locale.csv", [["a", "b", "c"], [2, "1,7", "200.000.000", ""]]),
        ("test_utf16_big.csv", [["a", "b", "c"], [2, "1", "2", "3"], [3, "4", "5", "ʤ"]]),
        ("test_utf16_little.csv", [["a", "b", "c"], [2, "1", "2", "3"], [3, "4", "5", "ʤ"]]),
        ("test_utf8_bom.csv", [["foo", "bar", "baz"], [2, "1", "2", "3"], [3, "4", "5", "ʤ"]]),
        ("dummy.xlsx", [["a", "b", "c"], [2, "1", "2", "3"]]),
    ],
)
def test_reading_an_example_of_each_encoding_gives_its_cells(name, content):
    assert content_of(table_of(f"encodings/{name}")) == content


@pytest.mark.parametrize(
    ("name", "code", "sentence"),
    [
        ("empty.csv", "empty", "This file is empty. Choose the file with your list."),
        (
            "no_header_row.csv",
            "no_header",
            "The first row holds values, not headings. Add a row on top that names each column, "
            "for example: email, first name, last name.",
        ),
        (
            "null_byte.csv",
            "null_byte",
            "Line 2 holds a null byte, which is no text. "
            "Open the file in your spreadsheet program and save it again as CSV UTF-8.",
        ),
    ],
)
def test_reading_an_example_that_holds_no_table_refuses_in_words(name, code, sentence):
    error = refusal((DATA / "encodings" / name).read_bytes())
    assert (error.code, str(error)) == (code, sentence)


def test_reading_ragged_rows_keeps_what_is_too_much_apart():
    rows = list(table_of("encodings/bad.csv").rows())
    assert [(row.number, row.cells, row.extra) for row in rows] == [
        (2, ["1", "27", ""], ["I'm too long!"]),
        (3, ["", "I'm too short!", ""], []),
        (4, ["0", "mixed types.... uh oh", "17"], []),
    ]


@pytest.mark.parametrize(
    ("name", "headers", "count"),
    [
        ("people/form-output-headings.csv", 10, 0),
        ("people/civil-service-50/mentors.csv", 10, 50),
        ("people/civil-service-50/mentees.csv", 11, 50),
        ("people/civil-service-500/mentors.csv", 10, 500),
        ("people/civil-service-500/mentees.csv", 11, 500),
    ],
)
def test_reading_lists_of_people_finds_all_rows(name, headers, count):
    table = table_of(name)
    assert (len(table.headers), len(list(table.rows()))) == (headers, count)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_reading_any_encoding_delimiter_and_line_end_gives_the_same(encoding, delimiter, end):
    rows = [["email", "name", "note"], ["zoë@example.org", "Zoë; Łucja", "one, two\nthree\tfour"]]
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(
        rows
    )
    table = read_table(stream.getvalue().encode(encoding))
    assert content_of(table) == [rows[0], [2, *rows[1]]]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"email;name\r\nj\xf6rg@x.org;J\xf6rg\x80", "Windows-1252 (Latin-1)"),
        ("email;name\nj@x.org;Jörg€".encode(), "UTF-8"),
    ],
)
def test_reading_umlauts_and_euro_signs_names_the_encoding(content, kind):
    table = read_table(content)
    assert table.facts == {"kind": "csv", "encoding": kind, "delimiter": "semicolon"}
    assert next(table.rows()).cells[1].startswith("Jörg")


def test_reading_a_separator_line_of_excel_obeys_it_and_keeps_row_numbers():
    table = read_table(b"sep=;\nemail;name, first\na@x.org;Ann\n")
    assert content_of(table) == [["email", "name, first"], [3, "a@x.org", "Ann"]]


def test_reading_commas_in_a_heading_does_not_mislead():
    content = "E-Mail;Ziele, Wünsche, Träume, Pläne;Name\na@x.org;keine;Ann\nb@x.org;x;Bo\n"
    assert read_table(content.encode()).headers == [
        "E-Mail",
        "Ziele, Wünsche, Träume, Pläne",
        "Name",
    ]


def test_reading_skips_empty_rows_and_trims_but_keeps_numbers():
    table = read_table(b"\n email , name \n\n a@x.org , Ann \n ,\t\n\xc2\xa0b@x.org,Bo\n,,\n")
    assert content_of(table) == [["email", "name"], [4, "a@x.org", "Ann"], [6, "b@x.org", "Bo"]]


def test_reading_an_empty_heading_takes_the_columns_letter():
    table = read_table(b"email,,name,\na@x.org,x,Ann,\n")
    assert table.headers == ["email", "Column B", "name"]


def test_reading_an_email_as_first_row_says_that_headings_are_missing():
    assert refusal(b"ann@example.org,Ann\nbo@example.org,Bo\n").code == "no_header"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b" \r\n \r\n", "empty"),
        (b"\xff\xfe", "empty"),
        (b",,,\n,,\n", "empty"),
        (b"\xff\xfea", "damaged_text"),
        (b"%PDF-1.7\n...", "not_a_table"),
        (b"<!DOCTYPE html><table>", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "old_excel"),
        (b"PK\x03\x04 but no archive", "damaged_workbook"),
        (b'email,name\na@x.org,"Ann\nb@x.org,Bo\n', "open_quote"),
        (b"email," + b"x," * 200 + b"y\n1\n", "too_many_columns"),
        (b"email,name\n" + b"a@x.org,Ann\n" * 200_001, "too_many_rows"),
    ],
)
def test_reading_what_is_no_list_refuses_with_its_reason(content, code):
    assert refusal(content).code == code


def test_refusal_in_german_is_translatable_and_in_english_is_a_sentence():
    with override("en"):
        assert str(refusal(b'email,name\na@x.org,"Ann\n')) == (
            "A quotation mark that opens in row 2 never closes, so that the rows after it would "
            "run together. Correct that row and upload the file again."
        )


def test_reading_a_workbook_gives_days_in_iso_form_and_whole_numbers():
    content = workbook(
        ["email", "since", "at", "id", "half", "yes"],
        ["a@x.org", date(2026, 2, 1), datetime(2026, 2, 1, 9, 30), 1200345.0, 0.5, True],
    )
    assert content_of(read_table(content)) == [
        ["email", "since", "at", "id", "half", "yes"],
        [2, "a@x.org", "2026-02-01", "2026-02-01 09:30:00", "1200345", "0.5", "yes"],
    ]


def test_reading_a_workbook_never_evaluates_formulas():
    content = workbook(
        ["email", "name"], ["a@x.org", "=1+1"], ["b@x.org", '=HYPERLINK("http://x")']
    )
    assert [row.cells for row in read_table(content).rows()] == [["a@x.org", ""], ["b@x.org", ""]]


def test_reading_a_workbook_skips_hidden_and_empty_sheets():
    book = openpyxl.Workbook()
    book.active.title = "Empty"
    hidden = book.create_sheet("Hidden")
    hidden.append(["secret"])
    hidden.sheet_state = "hidden"
    book.create_sheet("People").append(["email"])
    stream = io.BytesIO()
    book.save(stream)
    table = read_table(stream.getvalue())
    assert (table.facts, table.headers) == ({"kind": "xlsx", "sheet": "People"}, ["email"])


def test_reading_a_small_workbook_with_one_far_cell_is_quick():
    book = openpyxl.Workbook()
    for row in (["email", "name"], ["a@x.org", "Ann"]):
        book.active.append(row)
    book.active.cell(1_048_576, 16_384, "far")
    stream = io.BytesIO()
    book.save(stream)
    content = stream.getvalue()
    assert len(content) < 10_000
    started = time.monotonic()
    rows = list(read_table(content).rows())
    assert time.monotonic() - started < 10
    assert [(row.number, row.cells, row.extra[-1:]) for row in rows] == [
        (2, ["a@x.org", "Ann"], []),
        (1_048_576, ["", ""], ["far"]),
    ]


def test_reading_a_workbook_whose_dimension_lies_reads_all_rows():
    content = replace_part(
        workbook(["email"], ["a@x.org"], ["b@x.org"]),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'ref="A1:A3"', b'ref="A1:A1"'),
    )
    assert [row.cells for row in read_table(content).rows()] == [["a@x.org"], ["b@x.org"]]


def test_reading_a_zip_bomb_is_refused_by_its_directory():
    content = replace_part(
        workbook(["email"]), "", bytes, extra={"xl/sharedStrings.xml": 90_000_000}
    )
    assert len(content) < 200_000
    assert refusal(content).code == "too_large"


def test_reading_a_workbook_with_entities_is_refused():
    bomb = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaa">]>'
    content = replace_part(workbook(["email"]), "xl/workbook.xml", lambda xml: bomb + xml)
    assert refusal(content).code == "damaged_workbook"


def test_reading_another_zip_archive_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("content.xml", "<office/>")
    assert refusal(stream.getvalue()).code == "not_a_workbook"


@pytest.mark.parametrize("cut", [200, 1_000, 3_000, -30])
def test_reading_a_workbook_that_broke_off_is_refused(cut):
    content = workbook(["email"], *([f"p{number}@x.org"] for number in range(500)))
    assert refusal(content[:cut]).code == "damaged_workbook"


def replace_part(content: bytes, name: str, change, extra=None) -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for part in before.infolist():
            data = before.read(part)
            after.writestr(part.filename, change(data) if part.filename == name else data)
        for added, size in (extra or {}).items():
            after.writestr(added, b" " * size)
    return stream.getvalue()


def test_reading_a_workbook_again_gives_the_same_even_while_another_reads():
    rows = [["email"], *([f"p{number}@x.org"] for number in range(1_200))]
    table = read_table(workbook(*rows))
    first = [row.cells for row in table.rows()]
    assert first == rows[1:]
    pairs = zip(table.rows(), table.rows(), strict=True)
    assert [[one.cells, two.cells] for one, two in pairs] == [[row, row] for row in first]
