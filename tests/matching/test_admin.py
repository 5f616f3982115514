"""The pairing policy and its neighbours in the admin."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEvent
from matching.admin_forms import known_params, problem_with_params
from matching.models import DoNotPair, FrozenTraits, PairingPolicy, PairingRun
from matching.services.policy import ensure_policy
from programs.models import EnrolmentForm, Question
from tests.conftest import NOW, enrol, grant, make_match, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy(cast) -> PairingPolicy:
    return PairingPolicy.objects.create(cohort=cast.cohort)


@pytest.fixture
def manager(cast):
    return cast.client("program_manager")


@pytest.fixture
def base(policy, settings) -> str:
    return f"{settings.ADMIN_PATH}matching/"


def rows(prefix: str, *values: dict[str, object]) -> dict[str, object]:
    data: dict[str, object] = {
        f"{prefix}-TOTAL_FORMS": len(values),
        f"{prefix}-INITIAL_FORMS": sum("id" in value for value in values),
    }
    for number, row in enumerate(values):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


SKILLS = {"kind": "skills", "weight": 30, "question_key": "", "params": "{}"}


def save(client, base, policy, *, criteria=(SKILLS,), rules=(), traits=()):
    data = {"objective": "coverage", "protects_worst": "on", "balance": 0, "minimum_fit": 30}
    data |= rows("criteria", *criteria) | rows("rules", *rules) | rows("traits", *traits)
    return client.post(f"{base}pairingpolicy/{policy.pk}/change/", data)


def test_policy_is_saved_with_its_rows_and_recorded(cast, manager, base, policy):
    gap = {"kind": "level_gap", "minimum": 1, "maximum": 3}

    response = save(manager, base, policy, rules=(gap,))

    policy.refresh_from_db()
    assert response.status_code == 302
    assert policy.minimum_fit == 30
    assert [row.kind for row in policy.criteria.all()] == ["skills"]
    assert [(row.minimum, row.maximum) for row in policy.rules.all()] == [(1, 3)]
    event = AuditEvent.objects.get(action="pairingpolicy.rows_changed")
    assert event.detail == {
        "policycriterion": {"added": 1, "changed": 0, "removed": 0},
        "policyrule": {"added": 1, "changed": 0, "removed": 0},
        "pairingtrait": {"added": 0, "changed": 0, "removed": 0},
    }
    changed = AuditEvent.objects.get(action="pairingpolicy.changed")
    assert (changed.program_id, changed.detail) == (cast.program.pk, {"fields": ["minimum_fit"]})


@pytest.mark.parametrize(
    ("criteria", "sentence"),
    [
        ((), "Choose at least one criterion: without any, every pair is as good as another."),
        (
            ({**SKILLS, "params": '{"enough": 3}'},),
            "enough is not known here. This criterion understands: missing, related.",
        ),
        (({**SKILLS, "params": "{"},), "Write this as JSON, for example"),
        (({**SKILLS, "params": "[1]"},), "Write the details as pairs, for example"),
        (
            ({**SKILLS, "kind": "seniority", "params": '{"gaps": {"1": 2}}'},),
            "must be a table of shares from 0 to 1",
        ),
        (
            ({**SKILLS, "question_key": "goal"},),
            "Only “Answers to a question” and traits have a question.",
        ),
        (
            ({**SKILLS, "kind": "answer"},),
            "Write the key of the question whose answers count.",
        ),
        (
            ({**SKILLS, "kind": "answer", "question_key": "goal"},),
            "The enrolment form has no such question. It has: focus.",
        ),
    ],
)
def test_criterion_that_cannot_be_meant_is_explained(
    cast, manager, base, policy, criteria, sentence
):
    form = EnrolmentForm.objects.create(cohort=cast.cohort)
    Question.objects.create(form=form, key="focus", label="Focus", kind="text")

    response = save(manager, base, policy, criteria=criteria)

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not policy.criteria.exists()


def test_answers_to_a_question_of_the_form_may_count(cast, manager, base, policy):
    form = EnrolmentForm.objects.create(cohort=cast.cohort)
    Question.objects.create(form=form, key="focus", label="Focus", kind="text")
    answer = {**SKILLS, "kind": "answer", "question_key": "focus", "params": '{"mode": "overlap"}'}

    assert save(manager, base, policy, criteria=(answer,)).status_code == 302


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        (({"kind": "level_gap"},), "Write at least how many levels, or at most."),
        (({"kind": "level_gap", "minimum": 3, "maximum": 1},), "The range ends below its start."),
        (({"kind": "minimum_shared_hours"},), "Write how many hours a week, from 1 to 168."),
        (
            ({"kind": "minimum_shared_hours", "minimum": 2, "maximum": 4},),
            "Hours have no upper limit. Empty this.",
        ),
        (({"kind": "earlier_pair", "minimum": 2},), "This rule takes no numbers. Empty both."),
        (
            ({"kind": "same_location"}, {"kind": "different_location"}),
            "“Same location” and “Different locations” together leave no pair.",
        ),
    ],
)
def test_rule_that_cannot_be_meant_is_explained(manager, base, policy, rules, sentence):
    response = save(manager, base, policy, rules=rules)

    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not policy.rules.exists()


FIRST = {"key": "first", "label": "First to study?", "choices": "Yes\nNo"}


def test_manager_writes_a_trait_and_deletes_it_out_of_frozen_pools(manager, base, policy):
    run = PairingRun.objects.create(cohort=policy.cohort, created_at=NOW)
    frozen = FrozenTraits.objects.create(run=run, words='{"7": {"first": "Yes", "other": "No"}}')

    written = save(manager, base, policy, traits=(FIRST,))
    trait = policy.traits.get()
    page = manager.get(f"{base}pairingpolicy/{policy.pk}/change/").content.decode()
    counts = {**SKILLS, "id": policy.criteria.get().pk}
    gone = {**FIRST, "id": trait.pk, "DELETE": "on"}
    deleted = save(manager, base, policy, criteria=(counts,), traits=(gone,))

    assert (written.status_code, deleted.status_code) == (302, 302)
    assert (trait.key, trait.choices) == ("first", ["Yes", "No"])
    assert "First to study?" in page
    assert not policy.traits.exists()
    frozen.refresh_from_db()
    assert json.loads(frozen.words) == {"7": {"other": "No"}}


def test_trait_that_counts_is_not_deleted(manager, base, policy):
    save(manager, base, policy, traits=(FIRST,))
    counts = {"kind": "trait", "weight": 30, "question_key": "first", "params": "{}"}
    stored = {**SKILLS, "id": policy.criteria.get().pk}
    save(manager, base, policy, criteria=(stored, counts), traits=())
    gone = {**FIRST, "id": policy.traits.get().pk, "DELETE": "on"}
    both = [{**SKILLS, "id": policy.criteria.get(kind="skills").pk}]
    both.append({**counts, "id": policy.criteria.get(kind="trait").pk})

    response = save(manager, base, policy, criteria=both, traits=(gone,))

    assert "Remove it under “What counts” first" in response.content.decode()
    assert policy.traits.exists()


def test_trait_that_counts_keeps_its_key(manager, base, policy):
    save(manager, base, policy, traits=(FIRST,))
    counts = {"kind": "trait", "weight": 30, "question_key": "first", "params": "{}"}
    stored = {**SKILLS, "id": policy.criteria.get().pk}
    save(manager, base, policy, criteria=(stored, counts), traits=())
    renamed = {**FIRST, "id": policy.traits.get().pk, "key": "earliest"}
    both = [{**SKILLS, "id": policy.criteria.get(kind="skills").pk}]
    both.append({**counts, "id": policy.criteria.get(kind="trait").pk})

    response = save(manager, base, policy, criteria=both, traits=(renamed,))

    assert "Remove it under “What counts” first" in response.content.decode()
    assert policy.traits.get().key == "first"


def test_trait_cannot_count_before_the_policy_is_there(cast, manager, base, policy):
    policy.delete()
    data = {"cohort": cast.cohort.pk, "objective": "coverage", "balance": 0, "minimum_fit": 30}
    counts = {"kind": "trait", "weight": 30, "question_key": "first", "params": "{}"}
    data |= rows("criteria", counts) | rows("rules") | rows("traits", FIRST)

    response = manager.post(f"{base}pairingpolicy/add/", data)

    assert "Write this trait under “Traits by consent” first" in response.content.decode()


def test_every_kind_of_criterion_knows_its_details():
    assert known_params("function") == ["missing", "mode"]
    assert known_params("seniority") == ["gaps", "max", "min", "missing", "step"]
    assert "question" not in known_params("answer")
    assert problem_with_params("seniority", {"gaps": {"1": 0.75, "2": 1}}) == ""
    assert problem_with_params("answer", {"mode": "near", "range": 4}) == ""


def test_policy_of_others_is_not_reachable(cast, base, policy):
    other = cast.client("other_program_manager")

    assert other.get(f"{base}pairingpolicy/{policy.pk}/change/").status_code == 302
    assert str(cast.cohort) not in other.get(f"{base}pairingpolicy/").content.decode()
    assert save(other, base, policy).status_code == 302
    assert not policy.criteria.exists()


def test_pair_to_avoid_is_kept_in_order_and_recorded(cast, manager, base):
    data = {"one": "PRIYA@example.org", "other": "daniel@example.org"}

    first = manager.post(f"{base}donotpair/add/", data)
    again = manager.post(f"{base}donotpair/add/", data)

    row = DoNotPair.objects.get()
    assert first.status_code == 302
    assert row.low_id < row.high_id
    assert row.created_by == cast.program_manager
    assert "These two stand in the list already." in again.content.decode()
    event = AuditEvent.objects.get(action="donotpair.created")
    assert event.detail == {"low": row.low_id, "high": row.high_id}


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ("priya@example.org", "These are the same person. Write two addresses."),
        ("sam@example.org", "Nobody in your programs has this address."),
    ],
)
def test_pair_to_avoid_that_cannot_be_is_explained(manager, base, other, sentence):
    data = {"one": "priya@example.org", "other": other}

    response = manager.post(f"{base}donotpair/add/", data)

    assert sentence in response.content.decode()
    assert not DoNotPair.objects.exists()


def test_pairs_to_avoid_show_only_people_of_ones_programs(cast, base):
    low, high = sorted((cast.mentor, cast.mentee), key=lambda user: user.pk)
    row = DoNotPair.objects.create(low=low, high=high, created_at=NOW)

    seen = {
        who: "Priya Raman" in cast.client(who).get(f"{base}donotpair/").content.decode()
        for who in ("program_manager", "other_program_manager")
    }
    deleted = cast.client("program_manager").post(
        f"{base}donotpair/{row.pk}/delete/", {"post": "yes"}
    )

    assert seen == {"program_manager": True, "other_program_manager": False}
    assert deleted.status_code == 302
    assert not DoNotPair.objects.exists()
    assert AuditEvent.objects.filter(action="donotpair.deleted").count() == 1


def test_match_that_concerns_the_manager_is_hidden(cast, base):
    grant(cast.mentor, "manager", cast.program)
    other = enrol(cast.cohort, make_person("uma@example.org", "Uma Lind"), "mentee")
    mentor = enrol(cast.cohort, make_person("ulf@example.org", "Ulf Berg"), "mentor")
    visible = make_match(mentor, other)
    client = cast.client("mentor")

    page = client.get(f"{base}match/").content.decode()

    assert "Uma Lind" in page
    assert "Priya Raman" not in page
    assert client.get(f"{base}match/{visible.pk}/change/").status_code == 200
    assert client.get(f"{base}match/{cast.match.pk}/change/").status_code == 302
    assert "Priya Raman" not in client.get(f"{base}match/?q=priya").content.decode()


def test_run_is_shown_without_reading_its_pool(pairing, base, manager):
    ensure_policy(cohort=pairing.cohort)
    run = pairing.run()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        listed = manager.get(f"{base}pairingrun/")
        shown = manager.get(f"{base}pairingrun/{run.pk}/change/")

    assert (listed.status_code, shown.status_code) == (200, 200)
    assert "Open the review" in shown.content.decode()
    assert not any("pool_snapshot" in query["sql"] for query in queries)
