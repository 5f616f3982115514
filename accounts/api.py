"""Signing in to the API by personal access token, and what a token may do."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request

from accounts import selectors, services
from accounts.models import PersonalAccessToken, TokenScope, User
from accounts.services.tokens import START, digest_of


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer alng_…``"""

    keyword = b"bearer"

    def authenticate(self, request: Request) -> tuple[User, PersonalAccessToken] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != self.keyword:
            return None
        key = words[1].decode("latin-1") if len(words) == 2 else ""
        token = None
        if key.startswith(START):
            token = selectors.usable_token(digest_of(key), now=timezone.now())
        if token is None:
            raise AuthenticationFailed(
                _("This token is unknown, revoked or too old. Make a new one on your account page.")
            )
        services.touch_token(token=token, now=timezone.now())
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class ScopedPermission(IsAuthenticated):
    """Signed-in people; with a token only what its scopes allow."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        if not isinstance(request.auth, PersonalAccessToken):
            return True
        needed = TokenScope.READ if request.method in SAFE_METHODS else TokenScope.LOG
        self.message = _("This token may not do that. It lacks the scope “%(scope)s”.") % {
            "scope": needed.value
        }
        return needed.value in request.auth.scopes


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema describes signing in by token."""

    target_class = "accounts.api.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal access token, made on the account page.",
        }
