"""Every template as a cohort: from its file to published matches."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from django.utils import translation

from core.errors import DomainError
from matching.drafting import clauses_of
from matching.models import PairingPolicy, PairingRun
from matching.selectors import held_proposals
from matching.services.publishing import publish_run
from matching.services.review import accept_held
from matching.services.runs import perform_run, request_run
from participants.models import Enrolment
from participants.selectors.screening import unmet_steps
from participants.services.screening import agree
from programs.models import Cohort, Phase, Program
from programs.services.cohorts import NotReady, move_cohort
from programs.services.copying import copy_cohort
from programs.services.lessons import write_lessons
from programs.services.setting_up import create_from_template
from programs.templating import Node, TemplateError, all_templates, find_template
from programs.templating.files import FOLDER, load, read_template
from programs.wording import delivered
from support.models import HealthRule, HelpGuide
from tests.conftest import NOW, grant
from tests.participants.conftest import Importer, csv_bytes
from training.models import TrainingModule
from training.services import excuse

pytestmark = pytest.mark.django_db
KEYS = ["corporate-career", "healthcare", "higher-education", "return-to-work", "technology"]
START = date(2027, 1, 11)


def make(cast, key, **options):
    given = {
        "program": cast.program,
        "template": find_template(key),
        "name": "Spring 2027",
        "starts_on": START,
        "language": "en",
        "actor": cast.program_manager,
        "now": NOW,
    }
    return create_from_template(**{**given, **options})


def fresh_program(cast) -> Program:
    """Make a program without cohorts, run by the same person."""
    program = Program.objects.create(name="Fresh", contact_name="Marta Kowalczyk")
    grant(cast.program_manager, "manager", program)
    return program


def content(key: str):
    return load(FOLDER / f"{key}.yaml").value


def test_templates_are_the_five_of_the_folder():
    assert [template.key for template in all_templates()] == KEYS


@pytest.mark.parametrize("key", KEYS)
def test_template_leads_from_its_file_to_published_matches(cast, key):
    cast.program = fresh_program(cast)
    type(cast.program).objects.update(contact_email="marta@example.org")
    cohort = make(cast, key)
    cohort.program.refresh_from_db()
    move_cohort(cohort=cohort, target="enrolling", actor=cast.program_manager, now=NOW)
    cast.cohort = cohort
    importer = Importer(cast)
    head = ("email", "first name", "last name", "department")
    for role in ("mentor", "mentee"):
        people = [
            (f"{role}{at}@example.org", role.title(), f"Number{at}", f"{role} house {at}")
            for at in range(3)
        ]
        importer.confirm(importer.preview(csv_bytes(head, *people), role))
    assert cohort.enrolments.in_pool().count() == 6
    for enrolment in cohort.enrolments.select_related("cohort"):
        excuse(enrolment=enrolment, actor=cast.program_manager, now=NOW)
        for line in unmet_steps(enrolment, today=NOW.date()):
            agree(enrolment=enrolment, step=line.step, edition=line.step.edition, now=NOW)
    move_cohort(cohort=cohort, target="pairing", actor=cast.program_manager, now=NOW)
    run = request_run(cohort=cohort, actor=cast.program_manager, now=NOW)
    perform_run(run.pk, clock=lambda: NOW)
    run = PairingRun.objects.get(pk=run.pk)
    for held in held_proposals(run, cast.program_manager):
        accept_held(proposal=held, actor=cast.program_manager, now=NOW)

    publish_run(run=run, actor=cast.program_manager, now=NOW)
    move_cohort(cohort=cohort, target="active", actor=cast.program_manager, now=NOW)

    assert cohort.matches.count() == 3
    assert len(clauses_of(cohort)) == 5
    assert TrainingModule.objects.filter(cohort=cohort).count() == 9


def test_template_writes_its_policy_with_a_reason_for_each_weight(cast):
    policy = PairingPolicy.objects.get(cohort=make(cast, "healthcare"))

    assert policy.objective == "leximin"
    assert [(row.kind, row.weight) for row in policy.criteria.order_by("-weight")] == [
        ("answer", 30),
        ("answer", 25),
        ("goal_text", 20),
        ("skills", 15),
        ("experience", 10),
    ]
    assert all(row.reason for row in policy.criteria.all())
    assert all(row.reason for row in policy.rules.all())


def test_template_asks_mentors_for_a_code_of_conduct_in_the_readers_language(cast):
    program = fresh_program(cast)
    make(cast, "healthcare", program=program, language="de")

    (step,) = program.screening_steps.all()
    assert (step.kind, step.audience, step.name) == (
        "code",
        "mentor",
        "Verhaltensregeln für Mentorinnen und Mentoren",
    )
    with translation.override("en"):
        assert delivered(step.name) == "Code of conduct for mentors"


def test_template_asks_nothing_new_of_a_program_that_has_cohorts(cast):
    make(cast, "healthcare")

    assert not cast.program.screening_steps.exists()


def test_return_to_work_is_discreet_and_slow(cast):
    cohort = make(cast, "return-to-work")

    cast.program.refresh_from_db()
    assert cast.program.is_discreet
    assert cohort.rhythm_days == 21
    assert "116 123" in HelpGuide.objects.get(program=cast.program).signposts
    assert HealthRule.objects.filter(cohort=cohort, signal="never_met", number=21).exists()
    form = cohort.expectation_forms.get(is_current=True)
    assert form.questions.filter(key="strength").exists()


def test_template_in_german_is_read_in_english_until_it_is_reworded(cast):
    cohort = make(cast, "technology", language="de")
    phase = cohort.phases.first()

    assert phase.name == "Einrichten"
    with translation.override("en"):
        assert delivered(phase.name) == "Setting up"
        assert delivered("Einrichten, aber anders") == "Einrichten, aber anders"
    with translation.override("de"):
        assert delivered("Setting up") == "Einrichten"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.pop("closing"), "x.yaml: the file: “closing” is missing"),
        (
            lambda data: data["phases"][2]["agenda"][0].pop("de"),
            "x.yaml: phases[2].agenda[0]: “de” is missing",
        ),
        (
            lambda data: data["phases"][0].update(weeks=0),
            "x.yaml: phases[0].weeks: must be from 1 to 60, and is 0",
        ),
        (
            lambda data: data["objectives"][0]["text"].update(en="todo"),
            "x.yaml: objectives[0].text.en: is not finished",
        ),
        (
            lambda data: data["pairing"]["criteria"][0].update(params={"speed": 3}),
            "x.yaml: pairing.criteria[0].params: speed is not known here.",
        ),
        (
            lambda data: data["training"]["required"]["mentor"].append("mentee-asking"),
            "x.yaml: training.required.mentor[3]: “mentee-asking” is not for mentors",
        ),
        (
            lambda data: data.update(
                screening=[
                    {
                        "kind": "code",
                        "of": "mentor",
                        "months": 12,
                        "name": {"en": "Code", "de": "Regeln"},
                        "text": {"en": "Be kind.", "de": "Sei freundlich."},
                    }
                ]
            ),
            "x.yaml: screening[0].months: is for background checks only",
        ),
        (
            lambda data: data["noticing"]["rules"][0].update(signal="mood"),
            "x.yaml: noticing.rules[0].signal: “mood” is not one of",
        ),
    ],
)
def test_template_with_a_mistake_names_file_and_field(change, message):
    data = content("corporate-career")
    change(data)

    with pytest.raises(TemplateError) as refusal:
        read_template(Node(data, "x.yaml"))

    assert str(refusal.value).startswith(message)


def test_copy_brings_everything_but_people_and_opens_with_the_lessons(cast):
    source = make(cast, "corporate-career")
    write_lessons(
        cohort=source,
        texts=["Start in January", "", "Mentors want to meet"],
        actor=cast.program_manager,
        now=NOW,
    )
    Enrolment.objects.create(
        cohort=source, user=cast.stranger, role="mentee", enrolled_at=NOW, status_changed_at=NOW
    )

    cohort = copy_cohort(
        source=source,
        program=cast.program,
        name="Spring 2028",
        starts_on=date(2028, 1, 10),
        actor=cast.program_manager,
        now=NOW,
    )

    assert not cohort.enrolments.exists()
    assert cohort.ends_on - cohort.starts_on == source.ends_on - source.starts_on
    first = Phase.objects.filter(cohort=cohort).first()
    assert (first.name, first.starts_on) == ("Getting to know each other", date(2028, 1, 10))
    own = cohort.agendas.get(kind="practice", phase__isnull=False)
    assert own.phase.cohort_id == cohort.pk
    for related in ("objectives", "agreement_clauses", "closing_questions", "training_modules"):
        assert getattr(cohort, related).count() == getattr(source, related).count() > 0
    assert cohort.policy.criteria.count() == 5
    page = cast.client("program_manager").get(reverse("programs:setup", args=(cohort.pk,)))
    assert b"Start in January" in page.content
    assert b"Mentors want to meet" in page.content


def test_discreet_cohort_is_not_copied_into_an_open_program(cast):
    source = make(cast, "return-to-work")

    with pytest.raises(DomainError, match="discreet"):
        copy_cohort(
            source=source,
            program=cast.other_program,
            name="Open",
            starts_on=date(2028, 1, 10),
            actor=cast.program_manager,
            now=NOW,
        )


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_new_cohort_of_another_age_is_refused(cast, day):
    given = {"program": cast.program.pk, "name": "Far", "starts_on": day, "language": "en"}

    page = cast.client("program_manager").post(
        reverse("programs:new_template", args=("technology",)), given
    )

    assert page.status_code == 422
    assert b"within five years" in page.content


def test_new_cohort_page_makes_a_cohort_of_a_template(cast):
    client = cast.client("program_manager")
    assert b"Return to work after illness" in client.get(reverse("programs:new")).content
    url = reverse("programs:new_template", args=("higher-education",))
    given = {
        "program": cast.program.pk,
        "name": "Year 27",
        "starts_on": "2027-01-11",
        "language": "en",
    }

    assert client.post(url, {**given, "name": "Autumn 2026"}).status_code == 422
    assert client.post(url, {**given, "program": cast.other_program.pk}).status_code == 422
    made = client.post(url, given)

    cohort = Cohort.objects.get(name="Year 27")
    assert made.url == reverse("programs:setup", args=(cohort.pk,))
    assert (cohort.template, cohort.template_version) == ("higher-education", 1)


def test_enrolling_names_what_a_template_cannot_know(cast):
    cohort = make(cast, "technology")
    with pytest.raises(NotReady) as refusal:
        move_cohort(cohort=cohort, target="enrolling", actor=cast.program_manager, now=NOW)
    assert [str(found.label) for found in refusal.value.missing] == ["Somebody to ask"]


def test_discreet_program_is_seen_by_its_managers_only(cast):
    make(cast, "return-to-work")
    grant(cast.hr_analyst, "hr_analyst", None)
    names = {
        who: {program.name for program in Program.objects.reported_to(getattr(cast, who))}
        for who in ("program_manager", "hr_analyst")
    }

    assert names["program_manager"] == {"Rising Leaders"}
    assert "Rising Leaders" not in names["hr_analyst"]
    for page in ("programs_program", "accounts_rolegrant", "audit_auditevent"):
        url = reverse(f"admin:{page}_changelist")
        assert b"Rising Leaders" not in cast.client("it_administrator").get(url).content
