"""The OpenAPI schema, its reader, and the answer to addresses that do not exist."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.csp import STRICT


@login_required
@require_safe
def reader(request: HttpRequest) -> HttpResponse:
    """Show the schema as pages, from our own files only."""
    response = render(request, "api/reader.html")
    # The reader's style sheet draws its arrows from data addresses.
    response["Content-Security-Policy"] = STRICT.replace("img-src 'self'", "img-src 'self' data:")
    return response


class SchemaView(SpectacularJSONAPIView):
    """The schema as JSON, for people and tokens alike."""


@extend_schema(exclude=True)
class UnknownView(APIView):
    """Answer in the API's own error shape where nothing is."""

    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.check_throttles(request)
        raise NotFound

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise NotFound
