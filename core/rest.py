"""What every endpoint of the API shares: one error shape, cursor pages."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions, serializers, status
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from core.errors import Conflict, DomainError, NotAllowed, error_body
from core.faults import answer_fault
from core.throttles import AddressThrottle


class NewestFirst(CursorPagination):
    """Pages by id, newest first: stable while rows are added, and no count."""

    ordering = "-id"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def get_page_size(self, request: Request) -> int:
        """Return how many rows are wanted, cut to the maximum; refuse what is no such number."""
        text = request.query_params.get("page_size", "")
        if not text:
            return self.page_size
        if not (text.isascii() and text.isdigit() and text.strip("0")):
            sentence = serializers.IntegerField.default_error_messages["invalid"]
            raise exceptions.ValidationError({"page_size": [sentence]})
        return self.max_page_size if len(text) > 9 else min(int(text), self.max_page_size)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == "page_size":
                parameter["schema"] = {"type": "integer", "minimum": 1, "default": self.page_size}
        return parameters


def handle_exception(error: Exception, context: dict[str, Any]) -> Response:
    """Turn whatever a view may raise into the one shape; what nobody expected becomes a 500."""
    request: Request = context["request"]
    if isinstance(error, DomainError):
        set_rollback()
        fields = {error.field: [str(error)]} if error.field else {}
        return Response(error_body(error.code, str(error), fields), status=_domain_status(error))
    error = _as_api_error(error, request)
    response = exception_handler(error, context)
    if response is None:
        set_rollback()
        return answer_fault(error, request)
    if isinstance(error, exceptions.APIException):
        response.data = _api_error(error)
    return response


def _as_api_error(error: Exception, request: Request) -> Exception:
    """Return the API's own error for one of Django's, and count who cannot sign in."""
    if isinstance(error, ValidationError):
        return exceptions.ValidationError(error.messages)
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, (SuspiciousOperation, UnreadablePostError)):
        return exceptions.ParseError()
    if isinstance(error, (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)):
        return _counted(error, request)
    return error


def _counted(error: exceptions.APIException, request: Request) -> exceptions.APIException:
    """Count a request without a valid token by its address: views throttle after signing in."""
    throttle = AddressThrottle()
    if throttle.allow_request(request, None):
        return error
    return exceptions.Throttled(throttle.wait())


def _domain_status(error: DomainError) -> int:
    if isinstance(error, NotAllowed):
        return status.HTTP_403_FORBIDDEN
    if isinstance(error, Conflict):
        return status.HTTP_409_CONFLICT
    return status.HTTP_400_BAD_REQUEST


def _api_error(error: exceptions.APIException) -> dict[str, Any]:
    detail = error.detail
    if isinstance(error, exceptions.ValidationError):
        if isinstance(detail, dict):
            fields = {name: _sentences(value) for name, value in detail.items()}
            return error_body("invalid", "Some fields need your attention.", fields)
        return error_body("invalid", " ".join(_sentences(detail)))
    code = getattr(detail, "code", None) or error.default_code
    return error_body(str(code), str(detail))


def _sentences(value: Any) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [sentence for item in value for sentence in _sentences(item)]
    if isinstance(value, dict):
        return [sentence for item in value.values() for sentence in _sentences(item)]
    return [str(value)]


ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Every error has this shape.",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string", "description": "Stable, for programs."},
                "message": {"type": "string", "description": "A sentence, for people."},
                "fields": {
                    "type": "object",
                    "description": "Sentences by the field they belong to.",
                    "additionalProperties": {"type": "array", "items": {"type": "string"}},
                },
            },
            "required": ["code", "message", "fields"],
        }
    },
    "required": ["error"],
}
ERRORS = {
    "400": "The request is not understood, or a rule refuses it.",
    "401": "Nobody is signed in, or the token is not valid.",
    "403": "Not allowed for this person or token.",
    "404": "There is nothing here that you may see.",
    "405": "This address does not take this method.",
    "406": "Answers are JSON only.",
    "429": "Too many requests. The header Retry-After says how many seconds to wait.",
    "500": "Something broke on our side. The message has the reference for the administrator.",
}
ERRORS_OF_WRITES = {
    "409": "Somebody else was first.",
    "413": "The request is too large.",
    "415": "Send JSON.",
}


def document_errors(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Add the errors that any operation may answer to the OpenAPI schema."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = ERROR_SCHEMA
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path in result["paths"].values():
        for method, operation in path.items():
            errors = ERRORS if method == "get" else {**ERRORS, **ERRORS_OF_WRITES}
            for code, description in errors.items():
                operation["responses"].setdefault(
                    code, {"description": description, "content": content}
                )
    return result


def document_empty_parameters(result: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
    """Say in the OpenAPI schema that an empty filter counts as none."""
    for path in result["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query" and not parameter.get("required"):
                    parameter["allowEmptyValue"] = True
    return result
