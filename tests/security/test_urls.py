"""Every role tries every url with objects of its own and of another program.

The program "own" is full of marked private words (see ``words.py``): whoever opens a page also
proves that it does not show them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from tests.security.audiences import ROLES
from tests.security.table import ADMIN, URLS, Rule, every_url, rule_of
from tests.security.words import leaked
from tests.security.worlds import World

# Whoever else may do more than one of these may do what they do.
WRITERS = (
    "anonymous",
    "stranger",
    "mentee",
    "program_manager",
    "other_program_manager",
    "hr_analyst",
    "it_administrator",
)
NAMES = sorted({name for name, _pattern in every_url() if name})
# Redirects that lead nowhere: to sign-in, or back from an object that "does not exist".
SIGN_IN = ("/accounts/login/", "/admin/login/")
# Nameless patterns: the admin's old addresses of objects, and its answer to unknown ones.
NAMELESS = {"<path:object_id>/", "(?P<url>.*)$"}


def test_every_url_is_classified():
    unclassified = [name for name in NAMES if rule_of(name) is None]

    assert not unclassified, f"Say in tests/security/table.py who may see: {unclassified}"


def test_every_url_has_a_name():
    nameless = {str(pattern.pattern) for name, pattern in every_url() if not name}

    assert nameless <= NAMELESS


def test_table_names_no_url_twice():
    counts = Counter(name for name, _pattern in every_url() if name)

    assert [name for name, count in counts.items() if count > 1] == []


def address_of(name: str, rule: Rule, world: World) -> str:
    if name == "api:unknown":
        return "/api/nowhere/"
    return reverse(name, kwargs=rule.about(world) if rule.about else None)


def _is_shut(response: Any, path: str) -> bool:
    """Tell whether an answer shows nothing of the object: refused, not found or sent away."""
    if response.status_code in {401, 403, 404}:
        return True
    if response.status_code != 302:
        return False
    target = response.headers["Location"]
    if target.startswith(SIGN_IN):
        return True
    return path.startswith("/admin/") and (
        target == "/admin/" or (len(path) > len(target) and path.startswith(target))
    )


def _wrong(response: Any, path: str, *, may: bool) -> str:
    """Return what is wrong with an answer, or nothing."""
    if response.status_code >= 500 and path != "/health/ready":
        return f"{response.status_code}"
    is_shut = _is_shut(response, path)
    if may and is_shut:
        return f"is shut out: {response.status_code} {response.headers.get('Location', '')}"
    if not may and not is_shut and response.status_code != 405:
        return f"gets in: {response.status_code} {response.headers.get('Location', '')}"
    return ""


def _tries(role: str, worlds: dict[str, World]) -> Iterator[tuple[str, str, str, bool]]:
    """Yield (name, world, address, may) of every url, with objects of both programs."""
    for name in NAMES:
        rule = rule_of(name)
        if rule is None:
            continue  # another test says so
        for world_name, world in worlds.items():
            may = rule.audience.allows(role, world_name)
            yield name, world_name, address_of(name, rule, world), may
            if rule.about is None or role == "superuser":
                break


@pytest.mark.parametrize("role", ROLES)
def test_role_reaches_exactly_what_the_table_says(worlds, visitor, role):
    ask = visitor(role)
    wrong = []
    for name, world, path, may in _tries(role, worlds):
        response = ask("get", path)
        problem = _wrong(response, path, may=may)
        if not problem and (shown := leaked(response.body, role)):
            problem = f"shows private words: {shown}"
        if problem:
            wrong.append(f"GET {name} ({world}): {problem}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", WRITERS)
def test_role_writes_nothing_where_it_may_not(worlds, visitor, role):
    ask = visitor(role)
    wrong = []
    for name, world, path, may in _tries(role, worlds):
        response = ask("post", path)
        problem = _wrong(response, path, may=may)
        if problem and not (may and response.status_code in {403, 404, 302}):
            wrong.append(f"POST {name} ({world}): {problem}")
    assert not wrong, "\n".join(wrong)


def test_models_of_the_admin_are_those_of_the_table():
    shown = {
        name.removeprefix("admin:").removesuffix("_changelist")
        for name in NAMES
        if name.endswith("_changelist")
    }

    assert shown <= set(ADMIN)


def test_table_says_nothing_about_urls_that_are_gone():
    gone = sorted(set(URLS) - set(NAMES))

    assert gone == []
