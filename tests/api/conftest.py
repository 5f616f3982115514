"""A client of the API for each of the cast, by token or by browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import services


@dataclass
class Caller:
    """Calls the API as one person, with a token of the given scopes."""

    key: str
    client: Client

    def get(self, path: str, **query: Any):
        return self.client.get(f"/api/v1/{path}", query, headers=self._headers)

    def post(self, path: str, data: Any, content_type: str = "application/json"):
        return self.client.post(
            f"/api/v1/{path}", data, content_type=content_type, headers=self._headers
        )

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


@pytest.fixture
def api(cast):
    def call(who: str, *scopes: str) -> Caller:
        _token, key = services.make_token(
            person=getattr(cast, who),
            name="test",
            scopes=scopes or ("read", "log"),
            days=30,
            now=timezone.now(),
        )
        return Caller(key=key, client=Client())

    return call
