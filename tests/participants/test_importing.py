"""From a file to people in a cohort, by the services."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse

from accounts.models import Level, User
from audit.models import AuditEvent
from core.errors import Conflict, DomainError
from core.progress import quiet
from participants.models import Answer, ColumnMemory, Enrolment, Profile, ProfileSkill
from participants.reading import UnreadableFile
from participants.services import importing
from participants.services.carrying import carry_import
from participants.services.ladder import extend_ladder
from programs.models import EnrolmentForm, Question
from tests.conftest import NOW, enrol, make_cohort, make_match, make_person
from tests.participants.conftest import actions, csv_bytes, notes, problems

DATA = Path(__file__).parents[1] / "data"
GRADES = ["AA", "AO", "EO", "HEO", "SEO", "Grade 7", "Grade 6", "SCS1", "SCS2", "SCS3", "SCS4"]


def snapshot() -> dict:
    """Everything an import may touch, but ids and moments."""
    return {
        "users": sorted(
            User.objects.values_list(
                "email", "first_name", "last_name", "employee_id", "department", "manager__email"
            )
        ),
        "profiles": sorted(
            map(str, Profile.objects.values_list("user__email", "bio", "interests"))
        ),
        "skills": sorted(
            ProfileSkill.objects.values_list("profile__user__email", "skill__name", "importance")
        ),
        "enrolments": sorted(
            Enrolment.objects.values_list("user__email", "role", "status", "capacity", "cohort")
        ),
        "answers": sorted(map(str, Answer.objects.values_list("enrolment__user__email", "text"))),
    }


@pytest.fixture
def questions(cast):
    form = EnrolmentForm.objects.create(cohort=cast.cohort)
    specs = [
        ("topics", "choices", ["AI", "Law"], "manager"),
        ("energy", "scale", [], "manager"),
        ("since", "date", [], "manager"),
        ("why", "text", [], "private"),
    ]
    return {
        key: Question.objects.create(
            form=form, key=key, label=f"The {key}", kind=kind, choices=choices, visibility=seen
        )
        for key, kind, choices, seen in specs
    }


@pytest.mark.parametrize(
    ("folder", "role", "count"),
    [
        ("civil-service-50", "mentor", 50),
        ("civil-service-50", "mentee", 50),
        ("civil-service-500", "mentor", 500),
        ("civil-service-500", "mentee", 500),
    ],
)
def test_import_of_the_civil_service_lists_takes_every_row(importer, folder, role, count):
    content = (DATA / "people" / folder / f"{role}s.csv").read_bytes()
    run = importer.preview(content, role)
    assert (run.counts["problem"], run.counts["create"]) == (count, 0)
    assert {name for name, _rows in run.counts["levels"]} <= set(GRADES)

    extend_ladder(names=GRADES, actor=None, now=NOW)
    run = importer.carry(importing.check_again(run=run, now=NOW))
    assert run.counts == {
        "create": count,
        "update": 0,
        "unchanged": 0,
        "problem": 0,
        "rows": count,
        "new_people": count,
        "repeated": 0,
        "namesakes": 0,
        "levels": [],
    }
    run = importer.confirm(run)
    assert (run.status, run.step, run.applied_at, run.counts["create"]) == (
        "done",
        "apply",
        NOW,
        count,
    )
    assert Enrolment.objects.filter(source="import", role=role).count() == count
    first = User.objects.select_related("level", "profile").get(
        email=f"{role}.{'0' * len(str(count))}@gov.uk"
    )
    assert first.profile.bio.startswith(f"My name is {role} 0")
    assert (first.department, first.job_title) != ("", "")
    assert first.profile.function in ("Policy", "Security", "DDaT")
    assert not first.has_usable_password()
    assert (first.time_zone, first.language) == ("UTC", "en")

    again = importer.preview(content, role)
    assert (again.counts["unchanged"], again.counts["rows"]) == (count, count)


def test_import_of_a_form_without_answers_says_that_nobody_is_in_it(importer):
    content = (DATA / "people" / "form-output-headings.csv").read_bytes()
    with pytest.raises(UnreadableFile, match="headings, but no people below them"):
        importer.start(content)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("bad.csv", "No column says who the people are"),
        ("blanks.csv", "No column says who the people are"),
        ("dummy.xlsx", "No column says who the people are"),
        ("empty.csv", "This file is empty"),
        ("mac_newlines.csv", "No column says who the people are"),
        ("no_header_row.csv", "The first row holds values, not headings"),
        ("null_byte.csv", "Line 2 holds a null byte"),
        ("test_date_format.csv", "No column says who the people are"),
        ("test_header_newline.csv", "No column says who the people are"),
        ("test_latin1.csv", "No column says who the people are"),
        ("test_locale.csv", "No column says who the people are"),
        ("test_utf16_big.csv", "No column says who the people are"),
        ("test_utf16_little.csv", "No column says who the people are"),
        ("test_utf8_bom.csv", "No column says who the people are"),
    ],
)
def test_import_of_an_example_without_people_is_refused_in_words(importer, name, sentence):
    with pytest.raises(DomainError, match=sentence):
        importer.preview((DATA / "encodings" / name).read_bytes())


def test_import_writes_every_field_of_a_new_person(importer, questions):
    Level.objects.create(name="Grade 7", rank=6)
    boss = make_person("boss@example.org", "Bea Boss", employee_id="77")
    values = {
        "email": "Ann@Example.org",
        "first name": "Ann",
        "last name": "Arbor",
        "employee id": "1234",
        "manager id": "77",
        "department": "Data",
        "location": "Leeds",
        "job title": "Analyst",
        "level": "GRADE 7 ",
        "time zone": "Europe/London",
        "language": "Deutsch",
        "function": "Finance",
        "bio": "Line one\nLine two",
        "goals": "Lead",
        "offer": "Budgets",
        "interests": "Chess; Running",
        "languages": "English, German",
        "skills offered": "Python: 3, Law",
        "skills wanted": "Speaking",
        "capacity": "2",
        "mentored before": "yes",
        "The topics": "law, ai",
        "energy": "4",
        "since": "31.12.2020",
        "why": "=secret",
    }
    run = importer.rows(list(values), list(values.values()))
    assert problems(run) == {}
    importer.confirm(run)

    user = User.objects.get(email="ann@example.org")
    assert (str(user), user.name_key, user.employee_id) == ("Ann Arbor", "arbor ann", "1234")
    assert (user.manager, user.department, user.location) == (boss, "Data", "Leeds")
    assert (user.job_title, user.level.name) == ("Analyst", "Grade 7")
    assert (user.time_zone, user.language, user.is_active) == ("Europe/London", "de", True)
    profile = user.profile
    assert (profile.function, profile.bio) == ("Finance", "Line one\nLine two")
    assert (profile.goal_text, profile.offer_text) == ("Lead", "Budgets")
    assert (profile.interests, profile.languages) == (["Chess", "Running"], ["en", "de"])
    assert profile.mentored_before_count == 1
    assert set(profile.skills.values_list("skill__name", "direction", "importance")) == {
        ("Python", "offer", 3),
        ("Law", "offer", 2),
        ("Speaking", "learn", 2),
    }
    enrolment = Enrolment.objects.get(user=user)
    assert (enrolment.cohort, enrolment.role) == (importer.cast.cohort, "mentor")
    assert (enrolment.status, enrolment.capacity, enrolment.source) == ("enrolled", 2, "import")
    answers = {answer.question.key: answer for answer in enrolment.answers.all()}
    assert answers["topics"].choices == ["AI", "Law"]
    assert answers["energy"].number == 4
    assert str(answers["since"].day) == "2020-12-31"
    assert answers["why"].text == "=secret"
    assert [row["code"] for row in run.rows.get().problems] == []


def test_import_twice_finds_everything_unchanged(importer, questions):
    Level.objects.create(name="EO", rank=1)
    rows = [
        ["email", "name", "level", "skills", "interests", "energy", "why", "manager email"],
        ["a@x.org", "Ann Arbor", "eo", "Law; SQL: 3", "Chess", "3", "x", ""],
        ["b@x.org", "Bo Berg", " EO", "law", "", "", "", "A@X.org"],
    ]
    importer.confirm(importer.rows(*rows))
    before = snapshot()
    run = importer.rows(*rows)
    assert actions(run) == [(2, "unchanged"), (3, "unchanged")]
    run = importer.confirm(run)
    assert (run.counts["unchanged"], run.counts["create"], run.counts["update"]) == (2, 0, 0)
    assert snapshot() == before


def test_import_of_a_person_twice_makes_one_and_names_the_row_that_contradicts(importer):
    run = importer.rows(
        ["email", "employee id", "first name"],
        ["a@x.org", "1", "Ann"],
        ["A@X.ORG", "1", "Ann"],
        ["a@x.org", "", "Ann"],
        ["a@x.org", "1", "Anna"],
        ["b@x.org", "2", "Bo"],
        ["a@x.org", "2", "Ann"],
    )
    assert actions(run) == [
        (2, "create"),
        (3, "unchanged"),
        (4, "unchanged"),
        (5, "problem"),
        (6, "create"),
        (7, "problem"),
    ]
    assert problems(run) == {5: ["twice_different"], 7: ["two_rows"]}
    assert run.rows.get(number=5).problems[0]["params"] == {"row": 2}
    assert (run.counts["repeated"], run.counts["new_people"]) == (2, 2)
    run = importer.confirm(run)
    assert Enrolment.objects.filter(source="import").count() == 2
    assert run.counts == {
        "create": 2,
        "update": 0,
        "unchanged": 2,
        "problem": 2,
        "rows": 6,
        "new_people": 2,
        "repeated": 2,
        "namesakes": 0,
        "levels": [],
    }


def test_import_of_ragged_and_wrong_rows_leaves_them_out(importer):
    run = importer.rows(
        ["email", "name", "capacity"],
        ["a@x.org", "Ann", "1", "too", "much"],
        ["b@x.org"],
        ["", "Nobody", "1"],
        ["not-an-address", "Bo", "many"],
        [],
        ["c@x.org", "#REF!", "1"],
    )
    assert actions(run) == [
        (2, "problem"),
        (3, "create"),
        (4, "problem"),
        (5, "problem"),
        (7, "problem"),
    ]
    assert problems(run) == {
        2: ["extra_cells"],
        4: ["no_identity"],
        5: ["email_invalid", "not_a_number"],
        7: ["cell_error"],
    }
    assert run.rows.get(number=2).cells == ["a@x.org", "Ann", "1", "too", "much"]


def test_import_fills_hr_fields_where_empty_and_reports_differences(importer):
    person = make_person("a@x.org", "Ann Arbor", department="Data")
    boss = make_person("boss@x.org", "Bea Boss")
    header = ["email", "department", "employee id", "manager email", "last name"]
    run = importer.rows(header, ["a@x.org", "Law", "12", "boss@x.org", "Ash"])
    assert actions(run) == [(2, "create")]
    assert notes(run) == {2: ["account_exists", "hr_differs"]}
    importer.confirm(run)
    person.refresh_from_db()
    assert (person.department, person.employee_id, person.manager) == ("Data", "12", boss)
    assert person.last_name == "Ash"
    run = importer.rows(header, ["a@x.org", "Law", "13", "daniel@example.org", "Ash"])
    assert actions(run) == [(2, "unchanged")]
    fields = [note["field"] for note in run.rows.get().differences]
    assert fields == ["employee_id", "department", "manager_email"]


def test_import_finds_people_by_employee_number_and_refuses_two_at_once(importer):
    make_person("a@x.org", "Ann Arbor", employee_id="1")
    make_person("b@x.org", "Bo Berg", employee_id="2")
    run = importer.rows(
        ["email", "employee id"],
        ["", "1"],
        ["a@x.org", "2"],
        ["new@x.org", "2"],
        ["", "3"],
    )
    assert actions(run) == [(2, "create"), (3, "problem"), (4, "problem"), (5, "problem")]
    assert problems(run) == {3: ["two_people"], 4: ["twice_different"], 5: ["unknown_employee"]}
    assert Enrolment.objects.filter(source="import").count() == 0


def test_import_never_rewrites_what_people_said_themselves(importer):
    own = make_person("own@x.org", "Olga Own", last_login=NOW)
    other = make_person("other@x.org", "Otto Other")
    free = make_person("free@x.org", "Fay Free")
    enrol(importer.cast.other_cohort, other, "mentee")
    Profile.objects.filter(user__in=(own, other, free)).update(bio="Mine")
    run = importer.rows(
        ["email", "bio", "goals"],
        *([f"{name}@x.org", "From the file", "Lead"] for name in ("own", "other", "free")),
    )
    assert notes(run) == {
        2: ["account_exists", "profile_kept"],
        3: ["account_exists", "profile_kept"],
        4: ["account_exists"],
    }
    importer.confirm(run)
    assert list(
        Profile.objects.filter(user__in=(own, other, free))
        .order_by("user__email")
        .values_list("user__email", "bio", "goal_text")
    ) == [
        ("free@x.org", "From the file", "Lead"),
        ("other@x.org", "Mine", "Lead"),
        ("own@x.org", "Mine", "Lead"),
    ]


def test_import_treats_each_state_of_an_enrolment_sensibly(importer):
    states = ("invited", "applied", "waitlisted", "paused", "withdrawn", "enrolled")
    for state in states:
        person = make_person(f"{state}@x.org", f"Pat {state}")
        enrol(importer.cast.cohort, person, "mentor", status=state)
    make_person("off@x.org", "Olaf Off", is_active=False)
    run = importer.rows(["email"], *([f"{state}@x.org"] for state in (*states, "off")))
    assert actions(run) == [
        (2, "update"),
        (3, "update"),
        (4, "update"),
        (5, "unchanged"),
        (6, "problem"),
        (7, "unchanged"),
        (8, "problem"),
    ]
    assert problems(run) == {6: ["withdrawn"], 8: ["account_off"]}
    importer.confirm(run)
    found = Enrolment.objects.filter(user__email__endswith="@x.org")
    assert dict(found.values_list("user__email", "status")) == {
        "invited@x.org": "enrolled",
        "applied@x.org": "enrolled",
        "waitlisted@x.org": "enrolled",
        "paused@x.org": "paused",
        "withdrawn@x.org": "withdrawn",
        "enrolled@x.org": "enrolled",
    }


def test_import_of_a_capacity_below_open_matches_is_a_problem(importer):
    run = importer.rows(["email", "capacity"], ["daniel@example.org", "0"])
    assert problems(run) == {2: ["capacity_in_use"]}
    run = importer.confirm(importer.rows(["email", "capacity"], ["daniel@example.org", "3"]))
    assert Enrolment.objects.get(pk=importer.cast.mentor_enrolment.pk).capacity == 3


def test_import_keeps_a_private_answer_and_never_says_that_it_differs(importer, questions):
    enrolment = importer.cast.mentor_enrolment
    Answer.objects.create(enrolment=enrolment, question=questions["why"], text="Mine")
    run = importer.rows(["email", "why"], ["daniel@example.org", "Guess"])
    assert (actions(run), notes(run)) == ([(2, "unchanged")], {})
    importer.confirm(run)
    assert Answer.objects.get().text == "Mine"


def test_import_reads_ambiguous_days_by_their_column(importer, questions):
    run = importer.rows(["email", "since"], ["a@x.org", "02/01/2014"], ["b@x.org", "31/12/2012"])
    importer.confirm(run)
    days = Answer.objects.order_by("enrolment__user__email").values_list("day", flat=True)
    assert list(map(str, days)) == ["2014-01-02", "2012-12-31"]
    run = importer.rows(["email", "since"], ["c@x.org", "02/01/2014"])
    assert problems(run) == {2: ["date_ambiguous"]}


def test_import_of_managers_in_the_same_file_builds_the_org_chart(importer):
    run = importer.rows(
        ["email", "employee id", "manager id"],
        ["a@x.org", "1", "2"],
        ["b@x.org", "2", "3"],
        ["c@x.org", "3", ""],
    )
    assert problems(run) == {}
    importer.confirm(run)
    chart = User.objects.filter(email__endswith="@x.org").order_by("email")
    assert list(chart.values_list("email", "manager__email")) == [
        ("a@x.org", "b@x.org"),
        ("b@x.org", "c@x.org"),
        ("c@x.org", None),
    ]


def test_import_of_managers_who_are_missing_or_in_a_circle_writes_nothing_of_them(importer):
    old = make_person("old@x.org", "Otto Old")
    make_person("top@x.org", "Tea Top", manager=old)
    run = importer.rows(
        ["email", "manager email", "capacity"],
        ["a@x.org", "b@x.org", ""],
        ["b@x.org", "c@x.org", ""],
        ["c@x.org", "a@x.org", ""],
        ["d@x.org", "a@x.org", ""],
        ["e@x.org", "nobody@x.org", ""],
        ["f@x.org", "f@x.org", ""],
        ["g@x.org", "h@x.org", ""],
        ["h@x.org", "", "many"],
        ["i@x.org", "g@x.org", ""],
        ["old@x.org", "top@x.org", ""],
        ["fine@x.org", "top@x.org", ""],
    )
    assert problems(run) == {
        2: ["manager_circle"],
        3: ["manager_circle"],
        4: ["manager_circle"],
        5: ["manager_has_problem"],
        6: ["unknown_manager"],
        7: ["own_manager"],
        8: ["manager_has_problem"],
        9: ["not_a_number"],
        10: ["manager_has_problem"],
        11: ["manager_circle"],
    }
    assert run.rows.get(number=2).problems[0]["params"] == {"rows": "2, 3, 4"}
    assert run.rows.get(number=5).cells == ["d@x.org", "a@x.org", ""]
    assert (run.counts["create"], run.counts["new_people"], run.counts["problem"]) == (1, 1, 10)
    importer.confirm(run)
    assert Enrolment.objects.filter(source="import").count() == 1


def test_import_remembers_columns_for_the_next_one(importer):
    rows = [["Spalte 1", "grade"], ["a@x.org", "Leeds"]]
    importer.confirm(importer.rows(*rows, columns=["email", "location"]))
    assert set(ColumnMemory.objects.values_list("header_key", "role", "target")) == {
        ("spalte 1", "mentor", "email"),
        ("grade", "mentor", "location"),
    }
    assert importer.start(csv_bytes(*rows)).mapping["columns"] == ["email", "location"]
    assert importer.start(csv_bytes(*rows), "mentee").mapping["columns"] == ["", "level"]


def test_import_writes_one_audit_row_of_counts_and_lets_go_of_the_file(importer):
    run = importer.confirm(importer.rows(["email", "name"], ["a@x.org", "Ann"]))
    event = AuditEvent.objects.get(action="participants.imported")
    assert (event.object_id, event.actor_id) == (str(run.pk), importer.cast.program_manager.pk)
    assert event.detail["create"] == 1
    assert "Ann" not in str(event.detail)
    assert bytes(run.content) == b""


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        (["", "first_name"], "no_identity_column"),
        (["email", "email"], "target_twice"),
        (["email", "nonsense"], "unknown_target"),
        (["email", "question:gone"], "unknown_target"),
        (["email"], "unknown_target"),
    ],
)
def test_map_columns_that_cannot_be_refuses(importer, columns, code):
    run = importer.start(csv_bytes(["a", "b"], ["x", "y"]))
    with pytest.raises(DomainError) as caught:
        importing.map_columns(run=run, columns=columns, now=NOW)
    assert caught.value.code == code


def test_confirm_by_two_managers_at_once_imports_once(importer):
    run = importer.rows(["email"], ["a@x.org"])
    seen = importing.preview_stamp(run)
    arguments = {"run": run, "seen": seen, "actor": importer.cast.program_manager, "now": NOW}
    importing.confirm_import(**arguments)
    with pytest.raises(Conflict, match="Somebody has started this already"):
        importing.confirm_import(**arguments)
    importer.carry(run)
    assert carry_import(run_id=run.pk, report=quiet) is None
    assert Enrolment.objects.filter(source="import").count() == 1


def test_confirm_of_an_older_preview_refuses(importer):
    run = importer.rows(["email"], ["a@x.org"])
    seen = importing.preview_stamp(run)
    importer.now = NOW + timedelta(minutes=1)
    newer = importer.carry(importing.check_again(run=run, now=NOW))
    with pytest.raises(Conflict, match="Somebody made a new preview"):
        importing.confirm_import(run=newer, seen=seen, actor=None, now=NOW)


def test_confirm_of_nothing_or_after_the_cohorts_end_refuses(importer):
    run = importer.rows(["email"], ["nobody"])
    with pytest.raises(DomainError, match="No row of this file can be imported"):
        importer.confirm(run)
    run.cohort.status = "archived"
    with pytest.raises(DomainError, match="This cohort is over"):
        importer.confirm(run)


def test_apply_after_a_change_that_makes_rows_worse_imports_nothing(importer):
    enrolment = enrol(importer.cast.cohort, importer.cast.stranger, "mentor", status="paused")
    run = importer.rows(["email", "capacity"], ["new@x.org", "1"], ["sam@example.org", "2"])
    Enrolment.objects.filter(pk=enrolment.pk).update(status="withdrawn")
    before = snapshot()
    run = importer.confirm(run)
    assert (run.status, run.step) == ("failed", "apply")
    assert run.error == (
        "Since the preview, these people were changed. Rows that can no longer be imported: 1. "
        "Nothing was imported. Look at a new preview and confirm again."
    )
    assert snapshot() == before
    run = importer.carry(importing.check_again(run=run, now=NOW))
    assert problems(run) == {3: ["withdrawn"]}
    assert importer.confirm(run).counts["create"] == 1


def test_apply_after_a_harmless_change_does_what_is_left(importer):
    run = importer.rows(["email"], ["new@x.org"], ["sam@example.org"])
    enrol(importer.cast.cohort, importer.cast.stranger, "mentor")
    run = importer.confirm(run)
    assert (run.counts["create"], run.counts["unchanged"]) == (1, 1)


def test_undo_of_an_import_restores_everything(importer, questions):
    Level.objects.create(name="EO", rank=1)
    person = make_person("old@x.org", "Otto Old")
    Profile.objects.filter(user=person).update(interests=["Chess"])
    enrol(importer.cast.cohort, person, "mentor", status="waitlisted")
    header = [
        "email",
        "name",
        "level",
        "skills",
        "interests",
        "capacity",
        "energy",
        "manager email",
    ]
    before = snapshot()
    run = importer.rows(
        header,
        ["old@x.org", "Ottilie Old", "EO", "Law", "Go", "4", "3", "new@x.org"],
        ["new@x.org", "Nia New", "eo", "Law, SQL", "Go", "2", "5", "newer@x.org"],
        ["newer@x.org", "Nora Newer", "", "", "", "", "", ""],
    )
    assert problems(run) == {}
    run = importer.confirm(run)
    assert snapshot() != before
    run = importer.undo(run)
    assert (run.status, run.step, run.undone_at) == ("done", "undo", NOW)
    assert run.counts["undone"] == {"enrolments": 2, "people": 2, "kept": 0}
    assert snapshot() == before
    assert AuditEvent.objects.filter(action="participants.import_undone").count() == 1
    with pytest.raises(Conflict):
        importer.undo(run)


def test_undo_keeps_later_changes_and_people_who_have_something_else(importer):
    run = importer.confirm(
        importer.rows(
            ["email", "name", "department"],
            ["sam@example.org", "", "Law"],
            ["in@x.org", "Ida In", ""],
            ["also@x.org", "Al Also", ""],
            ["boss@x.org", "Bea Boss", ""],
            ["free@x.org", "Fay Free", ""],
        )
    )
    User.objects.filter(email="sam@example.org").update(department="Data")
    User.objects.filter(email="in@x.org").update(last_login=NOW)
    enrol(importer.cast.other_cohort, User.objects.get(email="also@x.org"), "mentor")
    make_person("report@x.org", "Rea Report", manager=User.objects.get(email="boss@x.org"))
    run = importer.undo(run)
    assert run.counts["undone"] == {"enrolments": 5, "people": 1, "kept": 1}
    left = User.objects.filter(email__endswith="@x.org").order_by("email")
    assert list(left.values_list("email", flat=True)) == [
        "also@x.org",
        "boss@x.org",
        "in@x.org",
        "report@x.org",
    ]
    assert User.objects.get(email="sam@example.org").department == "Data"


def test_undo_with_somebody_in_a_match_names_them(importer):
    run = importer.confirm(importer.rows(["email", "name"], ["a@x.org", "Ann Arbor"]))
    mentor = Enrolment.objects.get(user__email="a@x.org")
    mentee = enrol(importer.cast.cohort, importer.cast.stranger, "mentee")
    make_match(mentor, mentee)
    with pytest.raises(DomainError, match="These people are in a match already: Ann Arbor"):
        importer.undo(run)


def test_undo_after_seven_days_refuses(importer):
    run = importer.confirm(importer.rows(["email"], ["a@x.org"]))
    importer.now = NOW + timedelta(days=7, seconds=1)
    with pytest.raises(DomainError, match="can be undone for 7 days"):
        importer.undo(run)


def test_discard_of_an_import_deletes_it_unless_it_was_applied(importer):
    run = importer.rows(["email"], ["a@x.org"])
    importing.discard_import(run=run)
    assert not type(run).objects.exists()
    run = importer.confirm(importer.rows(["email"], ["a@x.org"]))
    with pytest.raises(Conflict):
        importing.discard_import(run=run)


@pytest.mark.parametrize("count", [1, 300])
def test_preview_asks_the_database_the_same_for_few_and_many_rows(
    importer, django_assert_num_queries, count
):
    run = importer.start(csv_bytes(["email"], *([f"p{n}@x.org"] for n in range(count))))
    run = importing.map_columns(run=run, columns=["email"], now=NOW)
    with django_assert_num_queries(15):
        importer.carry(run)


def test_import_says_who_is_called_as_somebody_who_has_an_account(importer):
    here = make_person("ann@x.org", "Ann Árbor")
    make_person("bo@x.org", "Bo Berg")
    enrol(importer.cast.cohort, here, "mentor")
    run = importer.rows(
        ["email", "first name", "last name"],
        ["a.arbor@x.org", "Arbor", "Ann"],
        ["berg@x.org", "Bo", "Berg"],
        ["cy@x.org", "Cy", "Chen"],
    )

    assert [row.differences for row in run.rows.order_by("number")] == [
        [{"code": "namesake_here", "params": {"email": "ann@x.org"}}],
        [{"code": "namesake", "params": {"email": ""}}],
        [],
    ]
    assert actions(run) == [(2, "create"), (3, "create"), (4, "create")]
    page = (
        importer.cast.client("program_manager")
        .get(reverse("participants:import_run", args=(run.token,)), {"show": "namesakes"})
        .content.decode()
    )
    assert "Perhaps known" in page
    assert "is in this program as ann@x.org" in page
    assert "Somebody of this name has an account under another e-mail." in page
    assert "cy@x.org" not in page


def test_import_into_another_cohort_reveals_only_that_an_account_exists(importer):
    other = make_cohort(importer.cast.other_program, name="Quiet")
    person = make_person("a@x.org", "Ann Arbor", department="Data", location="Leeds")
    enrol(other, person, "mentee")
    run = importer.rows(["email", "name"], ["a@x.org", "A. Arbor"])
    row = run.rows.get()
    shown = str([row.values, row.differences, row.problems, row.cells])
    assert "Leeds" not in shown
    assert "Data" not in shown
    assert "Quiet" not in shown
