"""Nothing of another program shows in the admin, by whatever way one looks for it."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.db.models import Model
from django.urls import reverse

from accounts.models import Role
from tests.conftest import grant
from tests.security.table import ADMIN, every_url
from tests.security.worlds import World

# Words that only the other program's rows hold.
FOREIGN = ("Women in Engineering", "Cohort 4", "Elsewhere", "Otto Brandt")
NAMES = {name for name, _pattern in every_url()}
MODELS = sorted(name for name in ADMIN if f"admin:{name}_changelist" in NAMES)
SCOPED = [name for name in MODELS if ADMIN[name].is_scoped]
SEEN = [name for name in SCOPED if "v" in ADMIN[name].acts.get("program_manager", "")]
ADDED = [name for name in MODELS if "a" in ADMIN[name].acts.get("program_manager", "")]


def page(model: str, kind: str, row: Model | None = None) -> str:
    return reverse(f"admin:{model}_{kind}", args=(row.pk,) if row else ())


def row_of(world: World, model: str) -> Any:
    return getattr(world, ADMIN[model].about)


def model_admin(model: str) -> Any:
    app_label, _, name = model.partition("_")
    return next(
        found
        for known, found in admin.site._registry.items()
        if (known._meta.app_label, known._meta.model_name) == (app_label, name)
    )


def foreign_words(response: Any) -> list[str]:
    text = response.body.decode()
    return [word for word in FOREIGN if word in text]


def test_list_shows_own_rows_and_no_foreign_one(worlds, visitor):
    ask = visitor("program_manager")
    for model in SEEN:
        answer = ask("get", page(model, "changelist"))

        assert answer.status_code == 200, model
        assert foreign_words(answer) == [], model
        assert page(model, "change", row_of(worlds["own"], model)) in answer.body.decode()
        assert page(model, "change", row_of(worlds["other"], model)) not in answer.body.decode()


@pytest.mark.parametrize("term", ["Women", "Cohort", "Elsewhere", "otto", "@example.org", "4"])
def test_search_finds_no_foreign_row(worlds, visitor, term):
    ask = visitor("program_manager")
    for model in SEEN:
        answer = ask("get", page(model, "changelist"), {"q": term})
        assert answer.status_code == 200, model
        assert [word for word in foreign_words(answer) if term not in word] == [], model
        assert page(model, "change", row_of(worlds["other"], model)) not in answer.body.decode()


def test_filter_by_foreign_ids_finds_nothing(worlds, visitor):
    other = worlds["other"]
    ask = visitor("program_manager")
    for model, (lookup, value) in product(SEEN, foreign_lookups(other)):
        value = value or row_of(other, model).pk
        answer = ask("get", page(model, "changelist"), {lookup: value})
        assert answer.status_code in {200, 302, 400}, (model, lookup)
        text = answer.body.decode()
        assert page(model, "change", row_of(other, model)) not in text, lookup


def foreign_lookups(other: World) -> list[tuple[str, Any]]:
    """Return what to filter by; nothing stands for the row's own key."""
    return [
        ("id__exact", None),
        ("pk__in", None),
        ("cohort__id__exact", other.cohort.pk),
        ("program__id__exact", other.program.pk),
        ("program_id__exact", other.program.pk),
        ("cohort__program__name", other.program.name),
    ]


def test_guessed_address_of_a_foreign_row_shows_nothing(worlds, visitor):
    ask = visitor("program_manager")
    for model, kind in product(SEEN, ("change", "history", "delete")):
        answer = ask("get", page(model, kind, row_of(worlds["other"], model)))
        assert answer.status_code in {302, 403, 404}, (model, kind)
        assert foreign_words(answer) == [], (model, kind)


def test_form_offers_no_foreign_row(worlds, visitor):
    ask = visitor("program_manager")
    for model in ADDED:
        for row in (None, row_of(worlds["own"], model)):
            answer = ask("get", page(model, "change" if row else "add", row))
            assert answer.status_code == 200, model
            assert foreign_words(answer) == [], model


def test_action_on_a_foreign_row_changes_nothing(worlds, visitor, cast):
    client = cast.client("program_manager")
    before = {model: stored(row_of(worlds["other"], model)) for model in SEEN}

    for model in SEEN:
        chosen = [row_of(worlds["other"], model).pk]
        actions = ("delete_selected", *model_admin(model).actions)
        for action, extra in product(actions, ({}, {"select_across": "1"})):
            data = {"action": action, "_selected_action": chosen, "post": "yes", **extra}
            answer = client.post(page(model, "changelist"), data)
            assert answer.status_code in {200, 302}, (model, action)
            assert "Elsewhere" not in answer.content.decode(), (model, action)

    assert {model: stored(row_of(worlds["other"], model)) for model in SEEN} == before


def stored(row: Model) -> dict[str, Any]:
    return type(row)._base_manager.filter(pk=row.pk).values().get()


def related_fields() -> list[tuple[str, str, str]]:
    """Return (app, model, field) of every relation that the admin could complete."""
    return [
        (model._meta.app_label, model._meta.model_name, field.name)
        for model in admin.site._registry
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
    ]


def test_completion_of_a_field_offers_no_foreign_row(worlds, visitor):
    ask = visitor("program_manager")
    shown = {}
    for app, model, field in related_fields():
        for term in ("", "Women", "Elsewhere", "Cohort", "otto"):
            where = {"app_label": app, "model_name": model, "field_name": field, "term": term}
            answer = ask("get", reverse("admin:autocomplete"), where)
            assert answer.status_code in {200, 403, 404}
            if answer.status_code == 200 and foreign_words(answer):
                shown[app, model, field, term] = foreign_words(answer)
    assert shown == {}


@pytest.mark.parametrize("role", ["stranger", "mentor", "hr_analyst"])
def test_completion_is_closed_to_those_without_the_admin(worlds, visitor, role):
    where = {"app_label": "accounts", "model_name": "user", "field_name": "manager", "term": "a"}

    assert visitor(role)("get", reverse("admin:autocomplete"), where).status_code == 403


@pytest.mark.skipif("matching_match" not in MODELS, reason="matches have no page yet")
class TestManagerWhoTakesPart:
    """A manager loses the manager's view of matches they are in."""

    @pytest.fixture
    def ask(self, cast, worlds, visitor):
        grant(cast.mentor, Role.MANAGER, cast.program)
        return visitor("mentor")

    def test_own_match_is_not_listed(self, ask, worlds):
        path = page("matching_match", "change", worlds["own"].match)
        answer = ask("get", page("matching_match", "changelist"))

        assert answer.status_code == 200
        assert path not in answer.body.decode()
        assert "Priya" not in answer.body.decode()

    @pytest.mark.parametrize("kind", ["change", "history"])
    def test_own_match_is_not_reached_by_its_address(self, ask, worlds, kind):
        answer = ask("get", page("matching_match", kind, worlds["own"].match))

        assert answer.status_code == 302
        assert "Priya" not in answer.body.decode()


def test_program_of_it_is_every_program(worlds, visitor):
    answer = visitor("it_administrator")("get", reverse("admin:programs_program_changelist"))

    assert "Rising Leaders" in answer.body.decode()
    assert "Women in Engineering" in answer.body.decode()
