"""The admin: own programs only, through the same services, and no private answer."""

import pytest
from django.urls import reverse

from participants.models import Answer, Enrolment, ImportRun, Skill
from programs.models import EnrolmentForm, Question
from tests.conftest import NOW, enrol

LIST = reverse("admin:participants_enrolment_changelist")
ADD = reverse("admin:participants_enrolment_add")


def change(enrolment: Enrolment) -> str:
    return reverse("admin:participants_enrolment_change", args=[enrolment.pk])


def test_enrolments_in_the_admin_are_those_of_own_programs(cast):
    other = enrol(cast.other_cohort, cast.stranger, "mentor")
    browser = cast.client("program_manager")
    text = browser.get(LIST).content.decode()
    assert "Daniel Osei" in text
    assert "Sam Stranger" not in text
    assert browser.get(LIST + "?q=sam").content.decode().count("Sam Stranger") == 0
    assert browser.get(change(other)).status_code == 302
    assert cast.client("mentor").get(LIST).status_code == 403


def test_enrolment_added_in_the_admin_goes_through_the_service(cast):
    values = {
        "cohort": cast.cohort.pk,
        "role": "mentor",
        "email": "new@x.org",
        "first_name": "Nia",
        "last_name": "New",
        "capacity": "3",
    }
    browser = cast.client("program_manager")
    assert browser.post(ADD, values).status_code == 302
    found = Enrolment.objects.get(user__email="new@x.org")
    assert (found.capacity, found.source, str(found.user)) == (3, "manager", "Nia New")
    answer = browser.post(ADD, values)
    assert "Nia New is in this cohort as mentor already." in answer.content.decode()
    foreign = {**values, "email": "x@x.org", "cohort": cast.other_cohort.pk}
    assert "Select a valid choice" in browser.post(ADD, foreign).content.decode()
    assert Enrolment.objects.filter(cohort=cast.other_cohort).count() == 0


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"status": "withdrawn", "capacity": "2"}, "Daniel Osei is in a match"),
        ({"status": "invited", "capacity": "2"}, "cannot become"),
        ({"status": "enrolled", "capacity": "0"}, "This mentor has 1 mentees now"),
    ],
)
def test_enrolment_changed_wrongly_in_the_admin_says_why(cast, values, sentence):
    answer = cast.client("program_manager").post(change(cast.mentor_enrolment), values)
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    found = Enrolment.objects.get(pk=cast.mentor_enrolment.pk)
    assert (found.status, found.capacity) == ("enrolled", 2)


def test_enrolment_changed_in_the_admin_goes_through_the_service(cast):
    browser = cast.client("program_manager")
    values = {"status": "paused", "capacity": "4"}
    assert browser.post(change(cast.mentor_enrolment), values).status_code == 302
    found = Enrolment.objects.get(pk=cast.mentor_enrolment.pk)
    assert (found.status, found.capacity) == ("paused", 4)


def test_answers_are_nowhere_in_the_admin(cast):
    form = EnrolmentForm.objects.create(cohort=cast.cohort)
    question = Question.objects.create(
        form=form, key="why", label="Why", kind="text", visibility="private"
    )
    Answer.objects.create(
        enrolment=cast.mentor_enrolment, question=question, text="My private reason"
    )
    browser = cast.client("program_manager")
    for url in (LIST, change(cast.mentor_enrolment)):
        assert "My private reason" not in browser.get(url).content.decode()


def test_skills_in_the_admin_are_once_each(cast):
    browser = cast.client("program_manager")
    add = reverse("admin:participants_skill_add")
    assert browser.post(add, {"name": " Data  Science "}).status_code == 302
    assert Skill.objects.get().name_key == "data science"
    assert (
        "This skill exists already." in browser.post(add, {"name": "data science"}).content.decode()
    )
    assert browser.get(reverse("admin:participants_skill_changelist")).status_code == 200


def test_imports_in_the_admin_are_read_only_and_hold_no_file(cast):
    run = ImportRun.objects.create(
        cohort=cast.cohort,
        role="mentor",
        file_name="people.csv",
        content=b"secret,content",
        reading={"sample": [["secret cell"]]},
        status="done",
        created_at=NOW,
    )
    browser = cast.client("program_manager")
    url = reverse("admin:participants_importrun_change", args=[run.pk])
    text = browser.get(url).content.decode()
    assert "people.csv" in text
    assert "secret" not in text
    assert browser.post(url, {"file_name": "x"}).status_code == 403
    assert browser.get(reverse("admin:participants_importrun_add")).status_code == 403
    assert cast.client("other_program_manager").get(url).status_code == 302
