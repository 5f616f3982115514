"""Remembered vectors: one query, written once by two at a time, by version, forgotten."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import numpy as np
import pytest
from django.core.checks import run_checks
from django.db import connection, transaction

from matching import meaning
from matching.meaning import VERSION, vectors_of
from matching.services.texts import current_version, forget_unused_vectors, vectors_for
from matching.vectors import TextVector

DAY = date(2026, 11, 18)
TEXTS = ["I would like to lead a team.", "", "I want to learn Python."]


def ask(texts=TEXTS, *, version=VERSION, today=DAY):
    return vectors_for(texts=texts, version=version, today=today)


@pytest.mark.django_db
def test_vectors_for_new_texts_remembers_them_without_their_words():
    found = ask()

    assert (found == vectors_of(TEXTS)).all()
    assert not found[1].any()
    rows = list(TextVector.objects.order_by("pk").values_list("version", "used_on"))
    assert rows == [(VERSION, DAY)] * 2
    columns = {field.name for field in TextVector._meta.get_fields()}
    assert columns == {"id", "digest", "version", "vector", "used_on"}
    assert {len(bytes(row.digest)) for row in TextVector.objects.all()} == {16}


@pytest.mark.django_db
def test_vectors_for_known_texts_takes_one_query_and_no_model(
    django_assert_num_queries, monkeypatch
):
    before = ask()
    monkeypatch.setattr(meaning, "vectors_of", None)

    with django_assert_num_queries(1):
        after = ask([TEXTS[2], TEXTS[0], f" {TEXTS[0]}\n"])

    assert (after == before[[2, 0, 0]]).all()


@pytest.mark.django_db
def test_vectors_for_no_texts_is_an_empty_matrix():
    assert ask([]).shape == (0, 256)


@pytest.mark.django_db
def test_vectors_for_another_version_answers_from_memory_or_not_at_all():
    assert ask(version="older/1") is None
    ask()
    TextVector.objects.update(version="older/1", vector=bytes([7]) * 256)

    found = ask(version="older/1")

    assert found[0].tolist() == [7] * 256
    assert (ask() == vectors_of(TEXTS)).all()
    assert TextVector.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_vectors_for_by_two_workers_at_once_writes_each_text_once():
    written, go_on = threading.Event(), threading.Event()
    answers = []

    def other_worker():
        try:
            with transaction.atomic():
                answers.append(ask())
                written.set()
                go_on.wait(5)
        finally:
            connection.close()

    other = threading.Thread(target=other_worker)
    other.start()
    assert written.wait(20)
    threading.Timer(0.3, go_on.set).start()
    answers.append(ask())  # does not see the other's rows yet, and waits for its commit
    other.join()

    assert (answers[0] == answers[1]).all()
    assert TextVector.objects.count() == 2


@pytest.mark.django_db
def test_forget_unused_vectors_keeps_what_was_used_within_half_a_year():
    ask()
    later = DAY + timedelta(days=170)
    ask(TEXTS[:1], today=later)

    assert forget_unused_vectors(today=DAY + timedelta(days=181)) == 1
    assert list(TextVector.objects.values_list("used_on", flat=True)) == [later]


def test_current_version_is_empty_when_switched_off(settings):
    assert current_version() == VERSION
    settings.TEXT_MEANING = False
    assert current_version() == ""


def test_check_warns_where_the_weights_are_missing(settings, monkeypatch):
    monkeypatch.setattr(meaning, "find_spec", lambda name: None)

    assert current_version() == ""
    assert [found.id for found in run_checks() if found.id == "alongside.W003"]
    settings.TEXT_MEANING = False
    assert not [found.id for found in run_checks() if found.id == "alongside.W003"]


@pytest.mark.django_db
def test_ten_thousand_new_texts_keep_their_order():
    texts = [f"I would like to learn topic number {number}." for number in range(10_000)]

    found = ask(texts)

    assert found.shape == (10_000, 256)
    assert (found[[0, 9_999]] == vectors_of([texts[0], texts[-1]])).all()
    assert isinstance(found, np.ndarray)
