"""The Nu HTML checker finds no error on any page of the product, as it is rendered."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from tests.security.conftest import visitor, worlds  # noqa: F401 - fixtures
from tests.security.table import ADMIN_PAGES, URLS, World
from tests.slow import tools
from tests.slow.visiting import ROLES, name_of, pages, sign_in

# With what is left out for want of a password, a key or a mail: steps that need more than a visit.
VISITORS = ("mentee", "program_manager", "hr_analyst", "it_administrator", "anonymous")


@pytest.fixture(scope="session")
def checker() -> list[str]:
    """Return the command that checks what stands behind it."""
    java = tools.program("java", needed=tools.JAVA_NEEDED)
    jar = tools.npm_package(tools.VNU) / "build" / "dist" / "vnu.jar"
    options = ["--format", "json", "--stdout", "--exit-zero-always", "--errors-only"]
    return [java, "-Xss2m", "-jar", str(jar), *options]


def errors_in(folder: Path, checker: list[str]) -> list[str]:
    """Let the checker read every page of a folder; return each kind of error with one place."""
    done = subprocess.run([*checker, str(folder)], capture_output=True, text=True, check=True)
    counts: Counter[str] = Counter()
    places: dict[str, str] = {}
    for message in json.loads(done.stdout)["messages"]:
        what = message["message"]
        counts[what] += 1
        page = Path(message.get("url", "")).name
        extract = " ".join(message.get("extract", "").split())
        places.setdefault(what, f"{page}:{message.get('lastLine')} {extract}")
    return [f"{count} x {what} First in {places[what]}" for what, count in counts.most_common()]


def test_pages_of_the_demo_have_no_error(site, checker, tmp_path, capsys):
    visited: Counter[str] = Counter()
    for role in (*ROLES, ""):
        for number, answer in enumerate(pages(site, sign_in(site, role))):
            assert answer.status_code in {200, 403, 404}, answer.url
            name = name_of(answer.url)
            visited[name] += 1
            file = tmp_path / f"{role or 'anonymous'}-{name.replace(':', '-')}-{number}.html"
            file.write_bytes(answer.content)
    with capsys.disabled():
        print(f"\n    Nu checker: {visited.total()} pages of {len(visited)} kinds")

    assert "\n".join(errors_in(tmp_path, checker)) == ""
    assert visited.total() > 100
    assert len(visited) > 40


def test_pages_of_every_address_and_their_errors_have_no_error(
    checker,
    tmp_path,
    worlds,  # noqa: F811
    visitor,  # noqa: F811
):
    found = tmp_path / "pages"  # beside the files that the worlds keep
    found.mkdir()
    for who in VISITORS:
        for name, body in _answers(visitor(who), worlds["own"]):
            (found / f"{who}-{name}.html").write_bytes(body)

    assert len(list(found.iterdir())) > 150
    assert "\n".join(errors_in(found, checker)) == ""


def _answers(ask: Callable[..., Any], world: World) -> Iterator[tuple[str, bytes]]:
    """Yield every page that a visitor gets, and what it says to an empty form."""
    for name, rule in URLS.items():
        if name in ADMIN_PAGES or name == "api:unknown":
            continue
        path = reverse(name, kwargs=rule.about(world) if rule.about else None)
        for method in ("get", "post"):
            answer = ask(method, path)
            if answer.body.lstrip()[:9].lower() == b"<!doctype":
                yield f"{name.replace(':', '-')}-{method}-{answer.status_code}", answer.body
