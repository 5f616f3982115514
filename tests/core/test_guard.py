"""Control characters are refused once, for all input."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from core.guard import ControlCharacterMiddleware, has_control_characters

BAD = ["\x00", "\x07", "\x1b", "\x1f", "\x7f", "\x0b"]
FINE = ["", "a\tb", "two\nlines", "two\r\nlines", "Grüße, 秘密 🙂", "\u200b", "\u00a0"]


def answer(request):
    return ControlCharacterMiddleware(lambda _request: HttpResponse("through"))(request).status_code


@pytest.mark.parametrize("character", BAD)
def test_control_character_is_seen(character):
    assert has_control_characters(f"a{character}b")


@pytest.mark.parametrize("text", FINE)
def test_text_of_people_is_let_through(text):
    assert not has_control_characters(text)


@pytest.mark.parametrize("character", BAD)
def test_query_with_control_character_is_refused(character):
    assert answer(RequestFactory().get("/", {"q": f"a{character}"})) == 400
    assert answer(RequestFactory().get("/", {f"a{character}": "x"})) == 400


def test_path_with_control_character_is_refused():
    assert answer(RequestFactory().get("/people/%00/")) == 400


@pytest.mark.parametrize("character", BAD)
def test_form_with_control_character_is_refused(character):
    assert answer(RequestFactory().post("/", {"name": f"a{character}"})) == 400


def test_form_with_every_fine_text_passes():
    assert answer(RequestFactory().post("/", {"name": FINE})) == 200


@pytest.mark.parametrize(
    "value",
    ["a\x00", ["x", "a\x00"], {"a\x00": 1}, {"a": {"b": [{"c": "\x1f"}]}}, "\x7f"],
)
def test_json_with_control_character_at_any_depth_is_refused(value):
    for text in (json.dumps({"v": value}), json.dumps({"v": value}, ensure_ascii=False)):
        request = RequestFactory().post("/api/v1/x/", text, content_type="application/json")
        assert answer(request) == 400, text


def test_json_that_only_speaks_of_an_escape_passes():
    body = json.dumps({"v": "the escape \\u0000 in words"})

    assert answer(RequestFactory().post("/api/", body, content_type="application/json")) == 200


def test_refusal_of_the_api_has_its_error_shape():
    request = RequestFactory().post("/api/v1/x/", '{"v": "\\u0000"}', "application/json")
    response = ControlCharacterMiddleware(lambda _request: HttpResponse())(request)

    error = json.loads(response.content)["error"]
    assert (error["code"], error["fields"]) == ("control_characters", {})


def test_upload_with_nul_in_its_content_passes_but_not_in_its_name():
    from django.core.files.uploadedfile import SimpleUploadedFile

    good = SimpleUploadedFile("people.csv", b"a\x00b")
    assert answer(RequestFactory().post("/", {"file": good})) == 200
