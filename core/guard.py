"""Control characters are refused for all input, in one place.

PostgreSQL cannot store NUL and an ordinary search with one ends in a server error; other control
characters have no use in any field of the product. Tab, line feed and carriage return are text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
JSON_ESCAPE = re.compile(rb"\\u00(?:0[0-8bcefBCEF]|1[0-9a-fA-F]|7[fF])|\x7f")


def has_control_characters(text: str) -> bool:
    return FORBIDDEN.search(text) is not None


class ControlCharacterMiddleware:
    """Answer 400 to a request whose path, query, form or JSON body has a control character."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._refuse(request) if self._is_bad(request) else self.get_response(request)

    def _is_bad(self, request: HttpRequest) -> bool:
        if has_control_characters(request.path):
            return True
        if any(
            has_control_characters(key + value)
            for key, values in request.GET.lists()
            for value in values
        ):
            return True
        return request.method in {"POST", "PUT", "PATCH"} and self._body_is_bad(request)

    def _body_is_bad(self, request: HttpRequest) -> bool:
        content_type = request.content_type or ""
        if content_type == "application/json":
            return bool(JSON_ESCAPE.search(request.body)) and self._json_is_bad(request.body)
        if request.path.startswith("/api/"):
            return False  # the API reads JSON only and answers 415 to the rest
        return any(
            has_control_characters(key) or any(map(has_control_characters, values))
            for key, values in request.POST.lists()
        )

    @staticmethod
    def _json_is_bad(body: bytes) -> bool:
        try:
            text = json.dumps(json.loads(body), ensure_ascii=False)
        except ValueError:
            return False
        decoded = json.loads(text)
        return _any_string(decoded, has_control_characters)

    @staticmethod
    def _refuse(request: HttpRequest) -> HttpResponse:
        message = _("The request has characters that no field can hold. Remove them and try again.")
        if request.path.startswith("/api/"):
            error = {"code": "control_characters", "message": message, "fields": {}}
            return JsonResponse({"error": error}, status=400)
        return render(request, "400.html", {"message": message}, status=400)


def _any_string(value: object, test: Callable[[str], bool]) -> bool:
    if isinstance(value, str):
        return test(value)
    if isinstance(value, dict):
        return any(_any_string(item, test) for pair in value.items() for item in pair)
    if isinstance(value, list):
        return any(_any_string(item, test) for item in value)
    return False
