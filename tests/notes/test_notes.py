from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from audit.models import AuditEvent
from core.errors import DomainError, NotAllowed
from notes.models import OwnNote, Reflection, SharedNote, SharedNoteVersion
from notes.selectors import own_notes
from notes.services import (
    NoteChanged,
    forget_removed,
    reflect,
    remove_note,
    remove_shared,
    save_shared,
    start_shared,
    write_note,
)
from programs.models import Phase
from sessions.services import log_meeting
from tests.conftest import NOW

DAY = date(2026, 11, 12)


def url(name: str, *args) -> str:
    return reverse(f"notes:{name}", args=args)


@pytest.fixture
def shared(cast) -> SharedNote:
    return start_shared(
        match=cast.match, actor=cast.mentee, now=NOW, title="zebra-title", text="zebra-one"
    )


@pytest.fixture
def phase(cast) -> Phase:
    return Phase.objects.create(
        cohort=cast.cohort,
        name="Start",
        starts_on=date(2026, 9, 28),
        ends_on=date(2027, 6, 1),
        reflection_prompt="What is worth it?",
    )


def test_search_finds_own_words_without_case_and_accents(cast):
    given = {"match": cast.match, "now": NOW}
    write_note(**given, actor=cast.mentee, text="Ask about the Résumé of Zoë")
    write_note(**given, actor=cast.mentee, text="Something else")
    write_note(**given, actor=cast.mentor, text="The resume of mine")

    assert [row.text for row in own_notes(cast.mentee, query="zoe RESUME")] == [
        "Ask about the Résumé of Zoë"
    ]


def test_search_finds_notes_about_meetings_too(cast):
    log_meeting(match=cast.match, actor=cast.mentee, now=NOW, held_on=DAY, private_note="pay talk")

    (found,) = own_notes(cast.mentee, query="pay")

    assert (found.text, found.names, found.note_id) == ("pay talk", "Daniel", None)


def test_private_notes_leave_no_row_in_the_audit_log(cast):
    before = AuditEvent.objects.count()

    note = write_note(match=cast.match, actor=cast.mentee, now=NOW, text="mine")
    remove_note(note=note, actor=cast.mentee, now=NOW)

    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("who", ["stranger", "program_manager"])
def test_note_of_somebody_outside_the_match_is_refused(cast, who):
    actor = getattr(cast, who)

    with pytest.raises(NotAllowed):
        write_note(match=cast.match, actor=actor, now=NOW, text="x")
    with pytest.raises(NotAllowed):
        start_shared(match=cast.match, actor=actor, now=NOW, title="x", text="x")


def test_database_refuses_a_note_of_somebody_outside_the_match(cast):
    with pytest.raises(IntegrityError, match="note_author"), transaction.atomic():
        OwnNote.objects.create(
            match=cast.match, author=cast.stranger, created_at=NOW, changed_at=NOW
        )


def test_database_keeps_versions_of_shared_notes(cast, shared):
    with pytest.raises(DatabaseError), transaction.atomic():
        SharedNoteVersion.objects.filter(note=shared).update(number=7)


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ({"title": " ", "text": "x"}, "title"),
        ({"title": "x" * 121, "text": "x"}, "title"),
        ({"title": "x", "text": " "}, "text"),
        ({"title": "x", "text": "x" * 10_001}, "text"),
    ],
)
def test_shared_note_without_words_names_the_field(cast, words, field):
    with pytest.raises(DomainError) as caught:
        start_shared(match=cast.match, actor=cast.mentee, now=NOW, **words)

    assert caught.value.field == field


def test_saving_over_somebody_elses_version_loses_neither(cast, shared):
    given = {"note": shared, "now": NOW, "title": "zebra-title"}
    save_shared(**given, actor=cast.mentor, text="zebra-mentor", base=1)

    with pytest.raises(NoteChanged) as caught:
        save_shared(**given, actor=cast.mentee, text="zebra-mentee", base=1)
    assert caught.value.version.text == "zebra-mentor"

    save_shared(**given, actor=cast.mentee, text="zebra-mentee", base=2)
    texts = [version.text for version in shared.versions.order_by("number")]
    assert texts == ["zebra-one", "zebra-mentor", "zebra-mentee"]


def test_saving_what_stands_there_already_writes_no_version(cast, shared):
    for base in (1, 0):
        save_shared(
            note=shared,
            actor=cast.mentor,
            now=NOW,
            title="zebra-title",
            text=" zebra-one ",
            base=base,
        )

    assert shared.versions.count() == 1


def test_sweep_forgets_notes_removed_a_day_ago(cast, shared):
    own = write_note(match=cast.match, actor=cast.mentee, now=NOW, text="mine")
    remove_note(note=own, actor=cast.mentee, now=NOW)
    remove_shared(note=shared, actor=cast.mentor, now=NOW)

    assert forget_removed(now=NOW + timedelta(hours=23)) == 0
    assert forget_removed(now=NOW + timedelta(hours=25)) == 2
    assert SharedNoteVersion.objects.count() == 0


def test_reflecting_again_replaces_the_answer_and_keeps_the_question(cast, phase):
    reflect(phase=phase, actor=cast.mentee, now=NOW, text="First")
    phase.reflection_prompt = "Another question?"
    phase.save()
    reflect(phase=phase, actor=cast.mentee, now=NOW, text="Second")

    answer = Reflection.objects.get()
    assert (answer.question, answer.text) == ("What is worth it?", "Second")


def test_home_asks_the_question_of_the_phase_until_it_is_answered(cast, phase, settings):
    client = cast.client("mentee")
    Phase.objects.update(starts_on=date(2020, 1, 1), ends_on=date(2099, 1, 1))
    assert "What is worth it?" in client.get("/").content.decode()

    answer = client.post(url("reflect", phase.pk), {"text": "zebra-thought"}, follow=True)

    assert "zebra-thought" in answer.content.decode()
    assert "What is worth it?" not in client.get("/").content.decode()
    assert "zebra-thought" not in cast.client("mentor").get(url("reflections")).content.decode()


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("program_manager", 404)])
def test_question_of_a_phase_is_for_participants(cast, phase, who, status):
    assert cast.client(who).get(url("reflect", phase.pk)).status_code == status


def test_private_notes_are_written_found_changed_removed_and_restored(cast):
    client = cast.client("mentee")
    client.post(url("new", cast.match.pk), {"text": "zebra-note"})
    note = OwnNote.objects.get()

    assert "zebra-note" in client.get(url("own"), {"q": "ZEBRA"}).content.decode()
    assert (
        "No note has all of these words" in client.get(url("own"), {"q": "lion"}).content.decode()
    )

    client.post(url("edit", note.pk), {"text": "zebra-anew"})
    page = client.post(url("remove", note.pk), follow=True).content.decode()
    assert url("restore", note.pk) in page
    assert "zebra-anew" not in page

    page = client.post(url("restore", note.pk), follow=True).content.decode()
    assert "zebra-anew" in page


@pytest.mark.parametrize("name", ["edit", "remove", "restore"])
@pytest.mark.parametrize("who", ["mentor", "program_manager", "stranger"])
def test_private_notes_do_not_exist_for_others(cast, who, name):
    note = write_note(match=cast.match, actor=cast.mentee, now=NOW, text="mine")

    assert cast.client(who).post(url(name, note.pk)).status_code == 404


@pytest.mark.parametrize("path", ["new", "start"])
def test_form_without_words_is_refused(cast, path):
    answer = cast.client("mentee").post(url(path, cast.match.pk), {"text": ""})

    assert answer.status_code == 422
    assert "Please fill this in" in answer.content.decode()


def test_two_who_write_at_once_see_both_texts(cast, shared):
    mentor, mentee = cast.client("mentor"), cast.client("mentee")
    mentor.post(url("save", shared.pk), {"title": "T", "text": "zebra-theirs", "base": "1"})

    answer = mentee.post(url("save", shared.pk), {"title": "T", "text": "zebra-mine", "base": "1"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert ("zebra-theirs" in page, "zebra-mine" in page) == (True, True)
    assert 'name="base" value="2"' in page

    mentee.post(url("save", shared.pk), {"title": "T", "text": "zebra-mine", "base": "2"})
    page = mentor.get(url("note", shared.pk)).content.decode()
    assert [word for word in ("zebra-one", "zebra-theirs", "zebra-mine") if word in page] == [
        "zebra-one",
        "zebra-theirs",
        "zebra-mine",
    ]


def test_removed_shared_note_is_gone_until_it_is_restored(cast, shared):
    client = cast.client("mentor")
    client.post(url("remove_shared", shared.pk))

    assert client.get(url("note", shared.pk)).status_code == 404
    assert "zebra-title" not in client.get(url("shared", cast.match.pk)).content.decode()

    client.post(url("restore_shared", shared.pk))
    assert "zebra-title" in client.get(url("shared", cast.match.pk)).content.decode()


@pytest.mark.parametrize("name", ["note", "save"])
@pytest.mark.parametrize("who", ["program_manager", "stranger", "other_program_manager"])
def test_shared_notes_do_not_exist_outside_the_match(cast, shared, who, name):
    assert cast.client(who).get(url(name, shared.pk)).status_code == 404


@pytest.mark.parametrize("extra", [0, 4])
def test_lists_take_the_same_queries_for_any_number(cast, shared, extra, django_assert_num_queries):
    for number in range(1 + extra):
        write_note(match=cast.match, actor=cast.mentee, now=NOW, text=f"Note {number}")
        start_shared(match=cast.match, actor=cast.mentee, now=NOW, title=f"T{number}", text="x")
    client = cast.client("mentee")
    client.get(url("own"))

    with django_assert_num_queries(6):
        client.get(url("own"))
    with django_assert_num_queries(6):
        client.get(url("shared", cast.match.pk))
