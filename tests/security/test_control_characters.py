"""A NUL, or any other control character, in any input is answered with 400, never with a fault."""

from __future__ import annotations

import pytest
from django.urls import NoReverseMatch, reverse

from tests.security.table import every_url

NUL = "\x00"


def listing_urls() -> list[str]:
    """Return the path of every url that takes no argument."""
    paths = []
    for name, _pattern in every_url():
        if not name:
            continue
        try:
            paths.append(reverse(name))
        except NoReverseMatch:
            continue
    return sorted(set(paths))


def test_query_with_nul_is_refused_on_every_page(worlds, visitor):
    ask = visitor("superuser")

    answers = {path: ask("get", path, {"q": f"a{NUL}"}).status_code for path in listing_urls()}

    assert {path: code for path, code in answers.items() if code != 400} == {}


def test_form_with_nul_is_refused_on_every_page(worlds, visitor):
    ask = visitor("superuser")

    pages = [path for path in listing_urls() if not path.startswith("/api/")]
    answers = {path: ask("post", path, {"name": f"a{NUL}"}).status_code for path in pages}

    assert {path: code for path, code in answers.items() if code != 400} == {}


def test_any_parameter_with_nul_is_refused(worlds, visitor):
    ask = visitor("program_manager")

    for parameter in ("q", "status", "cohort", "page", "sort", "o", "p", "next"):
        for path in ("/admin/programs/cohort/", "/reports/", "/api/v1/meetings/", "/"):
            assert ask("get", path, {parameter: NUL}).status_code == 400, (path, parameter)


@pytest.mark.parametrize("body", ['{"summary": "\\u0000"}', '{"\\u0000": 1}', '[{"a": "\\u001b"}]'])
def test_json_with_control_characters_is_refused(worlds, visitor, body):
    answer = visitor("mentor")("post", "/api/v1/meetings/", body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "control_characters"


def test_refusal_is_a_page_in_words(worlds, visitor):
    answer = visitor("mentor")("get", "/account/", {"q": NUL})

    assert answer.status_code == 400
    assert "characters that no field can hold" in answer.body.decode()


@pytest.mark.parametrize(
    "query",
    [
        "q=%F0%9F%92%A9",
        "q=%27%22%3B--",
        "q=" + "a" * 3000,
        "q=%25_%5C",
        "p=99999999999999999999",
        "p=-1",
        "o=99.-3",
        "cohort=-1",
        "page=0",
        "q=%ED%A0%80",
    ],
)
def test_odd_queries_are_no_fault_anywhere(worlds, visitor, query):
    ask = visitor("superuser")

    codes = {path: ask("get", f"{path}?{query}").status_code for path in listing_urls()}

    assert {
        path: code for path, code in codes.items() if code >= 500 and "health" not in path
    } == {}
