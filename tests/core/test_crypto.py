"""Private words as ciphertext bound to their row, and changing the key."""

from __future__ import annotations

import os
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core import keys
from core.crypto import CannotOpen, Sealed, seal, unseal
from mentorship.key_check import check_stored_keys
from sessions.models import Meeting, PrivateNote, SharedSummary
from tests.conftest import NOW

OLD, NEW = os.urandom(32), os.urandom(32)
WORDS = "I am thinking of leaving. Grüße, 秘密."


@pytest.fixture(autouse=True)
def _old_key(settings):
    settings.FIELD_KEYS = {"old": OLD}


@pytest.fixture
def meeting(cast):
    return Meeting.objects.create(match=cast.match, held_on=NOW.date(), logged_by=cast.mentor)


@pytest.fixture
def note(cast, meeting):
    return PrivateNote.objects.create(
        meeting=meeting, author=cast.mentor, text=WORDS, changed_at=NOW
    )


def raw(model, pk):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT text FROM {model._meta.db_table} WHERE id = %s", [pk])
        return bytes(cursor.fetchone()[0])


def put(model, pk, value):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {model._meta.db_table} SET text = %s WHERE id = %s", [value, pk])


def test_seal_twice_gives_different_bytes_that_both_open():
    first, second = seal("words", context="a"), seal("words", context="a")

    assert first != second
    assert unseal(first, context="a") == unseal(second, context="a") == "words"
    assert first.key_id == "old"


def test_unseal_in_another_context_fails():
    with pytest.raises(CannotOpen):
        unseal(seal("words", context="meetings.privatenote.text:1"), context="x:2")


def test_unseal_changed_bytes_fails():
    sealed = bytearray(seal("words", context="a"))
    sealed[-1] ^= 1

    with pytest.raises(CannotOpen):
        unseal(Sealed(sealed), context="a")


def test_unseal_without_the_key_names_the_key_and_no_words(settings):
    sealed = seal("words", context="a")
    settings.FIELD_KEYS = {"new": NEW}

    with pytest.raises(CannotOpen, match="No key with id b'old'"):
        unseal(sealed, context="a")


def test_field_stores_ciphertext_and_reads_words(note):
    stored = raw(PrivateNote, note.pk)

    assert stored.startswith(b"old\0")
    assert b"leaving" not in stored
    assert PrivateNote.objects.get(pk=note.pk).text == WORDS


def test_field_left_empty_needs_no_key(cast, meeting, settings):
    settings.FIELD_KEYS = {}

    note = PrivateNote.objects.create(meeting=meeting, author=cast.mentee, text="", changed_at=NOW)

    assert raw(PrivateNote, note.pk) == b""
    assert PrivateNote.objects.get(pk=note.pk).text == ""


def test_field_moved_to_another_row_does_not_open(cast, meeting, note):
    thief = PrivateNote.objects.create(
        meeting=meeting, author=cast.mentee, text="mine", changed_at=NOW
    )
    put(PrivateNote, thief.pk, raw(PrivateNote, note.pk))

    with pytest.raises(CannotOpen):
        _ = PrivateNote.objects.get(pk=thief.pk).text


def test_field_moved_to_another_table_does_not_open(cast, meeting, note):
    shared = SharedSummary.objects.create(
        id=note.pk, meeting=meeting, text="ours", changed_by=cast.mentee, changed_at=NOW
    )
    put(SharedSummary, shared.pk, raw(PrivateNote, note.pk))

    with pytest.raises(CannotOpen):
        _ = SharedSummary.objects.get(pk=shared.pk).text


def test_field_saved_unread_keeps_its_bytes(note):
    before = raw(PrivateNote, note.pk)

    PrivateNote.objects.get(pk=note.pk).save()

    assert raw(PrivateNote, note.pk) == before


def test_field_in_a_list_is_not_opened_until_it_is_read(note, settings):
    settings.FIELD_KEYS = {"new": NEW}

    (unopened,) = PrivateNote.objects.all()

    with pytest.raises(CannotOpen):
        _ = unopened.text


def test_field_refuses_plain_words_in_an_update(note):
    with pytest.raises(TypeError, match="through a model instance only"):
        PrivateNote.objects.filter(pk=note.pk).update(text="plain")


def test_new_key_in_front_opens_old_words_and_seals_new_ones(cast, meeting, note, settings):
    settings.FIELD_KEYS = {"new": NEW, "old": OLD}

    fresh = PrivateNote.objects.create(
        meeting=meeting, author=cast.mentee, text="later", changed_at=NOW
    )

    assert PrivateNote.objects.get(pk=note.pk).text == WORDS
    assert raw(PrivateNote, fresh.pk).startswith(b"new\0")


def test_rotate_seals_everything_anew_so_that_the_old_key_may_go(note, meeting, cast, settings):
    SharedSummary.objects.create(
        meeting=meeting, text="ours", changed_by=cast.mentee, changed_at=NOW
    )
    settings.FIELD_KEYS = {"new": NEW, "old": OLD}
    output = StringIO()

    call_command("keys", "rotate", stdout=output)

    assert output.getvalue().splitlines() == [
        "meetings.sharedsummary.text: 1 sealed anew",
        "meetings.privatenote.text: 1 sealed anew",
        "new: 2 values, seals new words",
        "old: 0 values, not needed any more",
    ]
    settings.FIELD_KEYS = {"new": NEW}
    assert PrivateNote.objects.get(pk=note.pk).text == WORDS
    assert SharedSummary.objects.get().text == "ours"


def test_rotate_twice_changes_nothing_the_second_time(note, settings):
    settings.FIELD_KEYS = {"new": NEW, "old": OLD}
    call_command("keys", "rotate", stdout=StringIO())
    before = raw(PrivateNote, note.pk)

    assert list(keys.reseal_all()) == []
    assert raw(PrivateNote, note.pk) == before


def test_rotate_goes_through_several_batches(cast, meeting, settings, monkeypatch):
    monkeypatch.setattr(keys, "BATCH", 1)
    for author in (cast.mentor, cast.mentee, cast.stranger):
        PrivateNote.objects.create(meeting=meeting, author=author, text="x", changed_at=NOW)
    settings.FIELD_KEYS = {"new": NEW, "old": OLD}

    assert list(keys.reseal_all()) == [
        ("meetings.privatenote.text", 1),
        ("meetings.privatenote.text", 2),
        ("meetings.privatenote.text", 3),
    ]


def test_keys_check_names_a_missing_key(note, settings):
    settings.FIELD_KEYS = {"new": NEW}

    with pytest.raises(CommandError, match="FIELD_KEYS lacks old"):
        call_command("keys", "check", stdout=StringIO())
    with pytest.raises(CommandError, match="No key with id"):
        call_command("keys", "rotate", stdout=StringIO())


def test_start_is_refused_when_a_stored_key_is_missing(note, settings):
    settings.FIELD_KEYS = {"new": NEW}

    (problem,) = check_stored_keys(None, databases=["default"])

    assert (problem.id, "old" in problem.msg) == ("alongside.E003", True)


def test_start_is_fine_with_every_key(note, settings):
    settings.FIELD_KEYS = {"new": NEW, "old": OLD}

    assert check_stored_keys(None, databases=["default"]) == []
