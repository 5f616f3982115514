"""Taking a module, its versions, and what pairing makes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from core.errors import DomainError
from matching.models import MatchMember, PairingPolicy
from matching.pool import take_snapshot
from matching.services.runs import request_run
from participants.models import Enrolment
from tests.conftest import NOW, enrol, make_match, make_person
from training import services
from training.library import all_modules
from training.models import (
    ModulePart,
    ModuleVersion,
    QuizQuestion,
    TrainingModule,
    TrainingProgress,
    TrainingRule,
)
from training.selectors import left_out_for_system, library_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def module(cast):
    """Two pages and a quiz, required of mentees."""
    module = TrainingModule.objects.create(
        cohort=cast.cohort, key="asking", audience="mentee", is_required=True
    )
    version = ModuleVersion.objects.create(module=module, title="Asking well")
    for at in (1, 2):
        ModulePart.objects.create(version=version, title=f"Page {at}", text="Words", position=at)
    QuizQuestion.objects.create(version=version, text="Which?", choices=["This", "That"], right=2)
    return module


def finish(module, enrolment, now=NOW):
    progress = services.resume(module=module, enrolment=enrolment, now=now)
    for page in (1, 2):
        services.read_page(progress=progress, page=page, now=now)
    question = progress.version.questions.get()
    assert services.answer_quiz(progress=progress, answers={question.pk: 2}, now=now) == []
    progress.refresh_from_db()
    return progress


def test_delivered_modules_are_five_for_mentors_and_four_for_mentees():
    assert [(module.key, module.audience) for module in all_modules()] == [
        ("mentor-listening", "mentor"),
        ("mentor-feedback", "mentor"),
        ("mentor-helping", "mentor"),
        ("mentor-limits", "mentor"),
        ("mentor-power", "mentor"),
        ("mentee-agenda", "mentee"),
        ("mentee-asking", "mentee"),
        ("mentee-feedback", "mentee"),
        ("mentee-ending", "mentee"),
    ]


def test_module_is_taken_in_the_browser_stopped_and_finished(cast, module):
    client = cast.client("mentee")
    page = {at: reverse("training:page", args=(module.pk, at)) for at in (1, 2, 3)}
    assert client.get(reverse("training:module", args=(module.pk,))).url == page[1]
    assert client.get(page[3]).url == page[1]
    assert client.post(page[1]).url == page[2]

    assert client.get(reverse("training:module", args=(module.pk,))).url == page[2]
    assert b"1 of 3 pages" in client.get(reverse("training:library")).content
    assert client.post(page[2]).url == page[3]
    field = f"q{QuizQuestion.objects.get().pk}"
    assert b"Choose the answer" in client.post(page[3]).content
    wrong = client.post(page[3], {field: "1"})
    assert wrong.status_code == 422
    assert b"Not quite" in wrong.content
    done = client.post(page[3], {field: "2"}, follow=True)

    assert b"That was everything" in done.content
    assert TrainingProgress.objects.get().completed_at is not None


def test_module_that_is_only_a_draft_holds_nobody_up_and_waits_for_its_manager(cast):
    rule, _made = TrainingRule.objects.get_or_create(cohort=cast.cohort)
    rule.gates_pairing = True
    rule.save()
    module = TrainingModule.objects.create(cohort=cast.cohort, key="new", is_required=True)
    version = ModuleVersion.objects.create(module=module, title="Brand new", is_current=False)
    part = ModulePart.objects.create(
        version=version, kind="file", title="A", file="x.pdf", position=1
    )
    newcomer = enrol(cast.cohort, make_person("noor@example.org", "Noor Haddad"), "mentee")

    assert left_out_for_system(cast.cohort, today=NOW.date()) == set()
    make_match(cast.mentor_enrolment, newcomer)
    assert services.excuse(enrolment=newcomer, actor=cast.program_manager, now=NOW) == 0
    assert (
        cast.client("mentee").get(reverse("training:module", args=(module.pk,))).status_code == 404
    )
    assert cast.client("mentee").get(reverse("training:file", args=(part.pk,))).status_code == 404
    manager = cast.client("program_manager")
    page = manager.get(reverse("training:cohort", args=(cast.cohort.pk,))).content.decode()
    assert "Brand new" in page
    assert reverse("training:use", args=(module.pk,)) in page
    manager.post(reverse("training:use", args=(module.pk,)))
    assert cast.client("mentee").get(reverse("training:library")).content.count(b"Brand new") > 0


def test_page_ahead_of_the_one_that_is_due_leads_back(cast, module):
    services.excuse(enrolment=cast.mentee_enrolment, actor=cast.program_manager, now=NOW)

    answer = cast.client("mentee").post(reverse("training:page", args=(module.pk, 2)))

    assert answer.url == reverse("training:page", args=(module.pk, 1))


def test_module_for_mentees_is_not_found_by_mentors(cast, module):
    url = reverse("training:module", args=(module.pk,))
    assert cast.client("mentor").get(url).status_code == 404


def test_library_shows_guide_starters_and_closing_questions_in_few_queries(
    cast, module, django_assert_max_num_queries
):
    cast.cohort.phases.create(
        name="Start",
        guide="Meet soon",
        mentee_guide="Write three sentences",
        mentor_guide="Ask first",
        starters="What are you proud of?",
        starts_on=cast.cohort.starts_on,
        ends_on=cast.cohort.ends_on,
    )
    cast.cohort.closing_questions.create(text="What stays?", audience="both")
    client = cast.client("mentee")
    with django_assert_max_num_queries(15):
        page = client.get(reverse("training:library")).content.decode()
    for words in ("Meet soon", "Write three sentences", "What are you proud of?", "What stays?"):
        assert words in page
    assert "Ask first" not in page


def test_gate_leaves_who_has_not_finished_out_of_the_pool_and_out_of_matches(cast, module):
    late = enrol(cast.cohort, make_person("lea@example.org", "Lea Late"), "mentee")
    assert left_out_for_system(cast.cohort, today=NOW.date()) == set()
    services.set_gate(cohort=cast.cohort, gates_pairing=True, actor=cast.program_manager, now=NOW)

    people = take_snapshot(cast.cohort, with_meaning=False)["people"]
    assert [person["id"] for person in people] == [cast.mentor_enrolment.pk]
    with pytest.raises(DatabaseError, match="member_untrained"), transaction.atomic():
        make_match(cast.mentor_enrolment, late)

    finish(module, late)
    people = take_snapshot(cast.cohort, with_meaning=False)["people"]
    assert [person["id"] for person in people] == [cast.mentor_enrolment.pk, late.pk]
    make_match(cast.mentor_enrolment, late)
    assert MatchMember.objects.filter(enrolment=late).exists()


def test_run_of_a_cohort_whose_people_lack_training_says_so_and_where_to_go(cast, module):
    enrol(cast.cohort, make_person("lea@example.org", "Lea Late"), "mentee")
    services.set_gate(cohort=cast.cohort, gates_pairing=True, actor=cast.program_manager, now=NOW)
    PairingPolicy.objects.filter(cohort=cast.cohort).delete()
    with pytest.raises(DomainError, match="1 person has not finished the required training"):
        request_run(cohort=cast.cohort, actor=cast.program_manager, now=NOW)

    page = cast.client("program_manager").get(reverse("matching:cohort", args=(cast.cohort.pk,)))

    assert b"1 person has not finished the required training and is left out" in page.content
    assert reverse("training:cohort", args=(cast.cohort.pk,)) in page.content.decode()


def test_run_that_lacks_mentors_is_not_blamed_on_the_training_of_mentees(cast, module):
    services.set_gate(cohort=cast.cohort, gates_pairing=True, actor=cast.program_manager, now=NOW)
    enrol(cast.cohort, make_person("lea@example.org", "Lea Late"), "mentee")
    Enrolment.objects.filter(pk=cast.mentor_enrolment.pk).update(status="paused")

    with pytest.raises(DomainError, match="There is no mentor to pair"):
        request_run(cohort=cast.cohort, actor=cast.program_manager, now=NOW)


def test_excused_person_is_paired_until_it_is_taken_back(cast, module):
    manager = cast.program_manager
    services.set_gate(cohort=cast.cohort, gates_pairing=True, actor=manager, now=NOW)
    client = cast.client("program_manager")
    url = reverse("training:excuse", args=(cast.mentee_enrolment.pk,))

    client.post(url)
    assert left_out_for_system(cast.cohort, today=NOW.date()) == set()
    assert b"Priya Raman" in client.get(reverse("training:cohort", args=(cast.cohort.pk,))).content
    client.post(url, {"back": "1"})
    assert left_out_for_system(cast.cohort, today=NOW.date()) == {cast.mentee_enrolment.pk}
    foreign = cast.client("other_program_manager")
    assert foreign.post(url).status_code == 404


def test_excused_people_are_paged_and_counted(cast, module, monkeypatch):
    monkeypatch.setattr("training.views.LEARNERS_A_PAGE", 1)
    zoe = enrol(cast.cohort, make_person("zoe@example.org", "Zoe Zimmer"), "mentee")
    for enrolment in (cast.mentee_enrolment, zoe):
        services.excuse(enrolment=enrolment, actor=cast.program_manager, now=NOW)
    url = reverse("training:cohort", args=(cast.cohort.pk,))

    first = cast.client("program_manager").get(url).content.decode()
    second = cast.client("program_manager").get(f"{url}?excused=2").content.decode()

    assert '<span class="count">2</span>' in first
    assert "?excused=2" in first
    assert [name in second for name in ("Priya Raman", "Zoe Zimmer")] == [False, True]


def test_refresher_is_due_when_its_time_has_come(cast, module):
    TrainingModule.objects.update(refresh_months=12)
    module.refresh_from_db()
    progress = finish(module, cast.mentee_enrolment)
    later = NOW + timedelta(days=361)

    (line,) = library_of(cast.mentee_enrolment, today=NOW.date()).lines
    assert line.is_done
    (line,) = library_of(cast.mentee_enrolment, today=later.date()).lines
    assert line.is_due_again
    again = services.take_again(progress=progress, now=later)
    assert (again.pages_read, again.completed_at) == (0, None)


def test_new_version_waits_as_a_draft_and_asks_again_where_the_manager_says_so(cast, module):
    finish(module, cast.mentee_enrolment)
    first = module.versions.get()
    actor = {"actor": cast.program_manager, "now": NOW}
    with pytest.raises(DatabaseError, match="module_begun"), transaction.atomic():
        first.parts.update(text="Other words")

    draft = services.draft_version(version=first, **actor)
    assert services.draft_version(version=first, **actor) == draft
    draft.parts.filter(position=2).delete()
    services.use_version(version=draft, asks_again=True, **actor)

    progress = services.resume(module=module, enrolment=cast.mentee_enrolment, now=NOW)
    assert (progress.version, progress.completed_at) == (draft, None)
    with pytest.raises(DomainError, match="in use already"):
        services.use_version(version=draft, asks_again=False, **actor)


def test_page_out_of_turn_is_refused(cast, module):
    progress = services.resume(module=module, enrolment=cast.mentee_enrolment, now=NOW)
    with pytest.raises(DomainError, match="pages before"):
        services.read_page(progress=progress, page=2, now=NOW)
    with pytest.raises(DomainError, match="Read the pages first"):
        services.answer_quiz(progress=progress, answers={}, now=NOW)
