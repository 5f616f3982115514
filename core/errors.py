"""Errors that carry a sentence fit for the person who caused them."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise


class DomainError(Exception):
    """A business rule refuses the action.

    ``message`` is shown to the person; ``code`` is stable for the API and tests; ``field`` names
    the form field the message belongs to, or is empty for the whole form.
    """

    default_code = "refused"

    def __init__(self, message: str | Promise, *, code: str | None = None, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """The person may see the object but may not do this with it."""

    default_code = "not_allowed"


class Conflict(DomainError):
    """Somebody else changed the object first."""

    default_code = "conflict"


def error_body(
    code: str, message: str, fields: dict[str, list[str]] | None = None
) -> dict[str, Any]:
    """Return the API's one shape of an error: a code for programs, a sentence for people."""
    return {"error": {"code": code, "message": message, "fields": fields or {}}}
