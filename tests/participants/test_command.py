"""``manage.py import_people``: the same services, all rows or none."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Level, User
from audit.models import AuditEvent
from participants.models import ColumnMemory, Enrolment, ImportRun
from tests.participants.conftest import csv_bytes

DATA = Path(__file__).parents[1] / "data"
GRADES = ["AA", "AO", "EO", "HEO", "SEO", "Grade 7", "Grade 6", "SCS1", "SCS2", "SCS3", "SCS4"]


@pytest.fixture
def file(tmp_path):
    def write(*rows, name: str = "people.csv") -> str:
        path = tmp_path / name
        path.write_bytes(csv_bytes(*rows) if rows and isinstance(rows[0], list) else rows[0])
        return str(path)

    return write


def run(*arguments: str) -> tuple[int, str, str]:
    """Return exit status, output and errors."""
    out, err = StringIO(), StringIO()
    status = 0
    try:
        call_command("import_people", *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        status = end.code
    return status, out.getvalue(), err.getvalue()


@pytest.mark.parametrize("role", ["mentor", "mentee"])
def test_command_imports_the_civil_service_list_with_its_grades(cast, file, role):
    mapping = file(json.dumps({"levels": GRADES}).encode(), name="mapping.json")
    path = str(DATA / "people" / "civil-service-500" / f"{role}s.csv")
    arguments = ("Rising Leaders / Autumn 2026", path, "--role", role, "--mapping", mapping)
    status, out, err = run(*arguments)
    assert (status, err) == (0, "")
    assert out == "500 rows: 500 new, 0 changed, 0 unchanged, 0 with problems.\nImported.\n"
    assert Enrolment.objects.filter(role=role, source="import").count() == 500
    assert list(Level.objects.values_list("name", flat=True)) == GRADES
    status, out, _err = run(*arguments)
    assert status == 0
    assert out.startswith("500 rows: 0 new, 0 changed, 500 unchanged")


def test_command_with_a_problem_imports_nothing_and_says_what_to_do(cast, file):
    path = file(["email", "level"], ["a@x.org", ""], ["b@x.org", "EO"], ["nobody", ""])
    status, out, _err = run(str(cast.cohort.pk), path, "--role", "mentor")
    assert status == 1
    assert out == (
        "Row 3: Level: “EO” is not a level of your organisation. Correct the level, or have it "
        "added to the ladder of levels.\n"
        "Row 4: E-mail: “nobody” is not an e-mail address. Write it like name@example.org.\n"
        "3 rows: 1 new, 0 changed, 0 unchanged, 2 with problems.\n"
        "Nothing was imported: all rows go in, or none. Correct these rows, or leave them out with "
        "--skip-problems.\n"
    )
    assert not User.objects.filter(email="a@x.org").exists()
    assert not ImportRun.objects.exists()


def test_command_that_skips_problems_imports_the_rest_and_still_ends_with_1(cast, file):
    path = file(["email"], ["a@x.org"], ["nobody"])
    status, out, _err = run(str(cast.cohort.pk), path, "--role", "mentor", "--skip-problems")
    assert status == 1
    assert out.endswith("Imported, without the rows that have problems.\n")
    assert User.objects.filter(email="a@x.org").exists()


def test_command_in_a_dry_run_writes_nothing(cast, file):
    mapping = file(json.dumps({"columns": {"Who": "email"}, "levels": ["EO"]}).encode(), name="m")
    path = file(["Who", "grade"], ["a@x.org", "eo"])
    arguments = (str(cast.cohort.pk), path, "--role", "mentor", "--mapping", mapping)
    status, out, _err = run(*arguments, "--dry-run")
    assert status == 0
    assert out.endswith("This was a dry run: nothing was written.\n")
    assert not User.objects.filter(email="a@x.org").exists()
    for model in (ImportRun, Level, ColumnMemory, AuditEvent):
        assert not model.objects.exists()
    status, _out, _err = run(*arguments)
    assert (status, User.objects.filter(email="a@x.org").exists()) == (0, True)


def test_command_as_json_is_one_document(cast, file):
    path = file(["email", "Shoe"], ["a@x.org", "1"], ["nobody", "2"])
    status, out, err = run(str(cast.cohort.pk), path, "--role", "mentee", "--json")
    assert (status, err) == (1, "")
    assert json.loads(out) == {
        "cohort": cast.cohort.pk,
        "role": "mentee",
        "file": "people.csv",
        "columns": {"email": "email", "Shoe": ""},
        "dry_run": False,
        "imported": False,
        "counts": {
            "create": 1,
            "update": 0,
            "unchanged": 0,
            "problem": 1,
            "rows": 2,
            "new_people": 1,
            "repeated": 0,
            "namesakes": 0,
            "levels": [],
        },
        "problems": [
            {
                "row": 3,
                "field": "E-mail",
                "code": "email_invalid",
                "problem": "“nobody” is not an e-mail address.",
                "remedy": "Write it like name@example.org.",
            }
        ],
    }


def test_command_with_a_file_that_is_no_list_says_why_in_words_and_json(cast, file):
    path = file(b"PK\x03\x04", name="people.xlsx")
    status, out, err = run(str(cast.cohort.pk), path, "--role", "mentor")
    assert (status, out) == (1, "")
    assert err.startswith("This workbook cannot be opened.")
    status, out, _err = run(str(cast.cohort.pk), path, "--role", "mentor", "--json")
    assert (status, json.loads(out)["error"]) == (1, "damaged_workbook")


@pytest.mark.parametrize("name", sorted(path.name for path in (DATA / "encodings").iterdir()))
def test_command_with_each_example_of_an_encoding_refuses_in_words(cast, name):
    status, out, err = run(str(cast.cohort.pk), str(DATA / "encodings" / name), "--role", "mentor")
    assert (status, out) == (1, "")
    assert err.endswith(" Nothing was imported.\n")


@pytest.mark.parametrize(
    ("cohort", "mapping", "sentence"),
    [
        ("999999", None, "There is no cohort “999999”"),
        ("Nowhere / None", None, "There is no cohort"),
        ("Nowhere", None, "There is no cohort"),
        ("", b"[]", "must be a JSON object"),
        ("", b"{", "is no JSON"),
        ("", b'{"columns": {"email": 1}}', "must look like"),
        ("", b'{"columns": {"Gone": "email"}}', "The file has no column “Gone”"),
    ],
)
def test_command_with_wrong_arguments_says_which(cast, file, cohort, mapping, sentence):
    path = file(["email"], ["a@x.org"])
    extra = ("--mapping", file(mapping, name="m.json")) if mapping else ()
    with pytest.raises(CommandError, match=sentence):
        run(cohort or str(cast.cohort.pk), path, "--role", "mentor", *extra)
    with pytest.raises(CommandError, match="cannot be read"):
        run(str(cast.cohort.pk), "/nowhere.csv", "--role", "mentor")


def test_command_takes_a_mapping_that_moves_a_guessed_field(cast, file):
    mapping = file(json.dumps({"Work mail": "email"}).encode(), name="m.json")
    path = file(["email", "Work mail"], ["private@x.org", "work@x.org"])
    status, _out, _err = run(str(cast.cohort.pk), path, "--role", "mentor", "--mapping", mapping)
    assert status == 0
    assert User.objects.filter(email="work@x.org").exists()
    assert not User.objects.filter(email="private@x.org").exists()
