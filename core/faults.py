"""What a caller of the API is told when something breaks: a reference, and no detail.

The log holds the fault under the same reference. Pages get Django's own answers.
"""

from __future__ import annotations

import logging
import secrets

from django.core.exceptions import RequestDataTooBig
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework import status
from rest_framework.response import Response

from core.errors import error_body

logger = logging.getLogger(__name__)
API = "/api/"
REFERENCE_BYTES = 5


def answer_fault(error: Exception, request: HttpRequest) -> Response:
    """Log a fault of an API view, tell those who listen for faults, and answer with a reference."""
    reference = secrets.token_hex(REFERENCE_BYTES)
    logger.error("Fault %s in %s %s", reference, request.method, request.path, exc_info=error)
    got_request_exception.send(sender=None, request=request)
    return Response(_fault_body(reference), status=status.HTTP_500_INTERNAL_SERVER_ERROR)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault outside the API's views; Django has logged it already."""
    if not request.path.startswith(API):
        return defaults.server_error(request)
    reference = secrets.token_hex(REFERENCE_BYTES)
    logger.error("Fault %s is the one above, in %s %s", reference, request.method, request.path)
    return JsonResponse(_fault_body(reference), status=500)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself refuses: too large a body, an unknown host."""
    if not request.path.startswith(API):
        return defaults.bad_request(request, exception)
    if isinstance(exception, RequestDataTooBig):
        return JsonResponse(error_body("too_large", _("The request is too large.")), status=413)
    return JsonResponse(error_body("bad_request", _("The request is not understood.")), status=400)


def _fault_body(reference: str) -> dict[str, object]:
    message = _(
        "Something went wrong on our side. It is noted under the reference %(reference)s;"
        " tell it to the administrator if it happens again."
    )
    return error_body("server_error", message % {"reference": reference})
