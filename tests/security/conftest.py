"""The two programs, and a browser that never leaves a trace."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from tests.security.audiences import ANONYMOUS
from tests.security.words import plant
from tests.security.worlds import World, add_roles, cast_world, other_world


@pytest.fixture(autouse=True)
def _as_in_production(settings):
    settings.DEMO = False


@pytest.fixture
def worlds(cast) -> dict[str, World]:
    add_roles(cast)
    made = {"own": cast_world(cast), "other": other_world(cast)}
    made["own"].meeting = plant(cast, made["own"].form)
    return made


@contextmanager
def rolled_back():
    """Undo in the database whatever the request does."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def visitor(cast) -> Callable[[str], Callable[..., Any]]:
    """Return a function that sends one request as a role and undoes its effects."""

    def sign_in(role: str) -> Callable[..., Any]:
        cookies = {}
        if role != ANONYMOUS:
            cookies = {settings.SESSION_COOKIE_NAME: cast.client(role).cookies["sessionid"].value}

        client = Client(raise_request_exception=False)

        def ask(method: str, path: str, data: Any = None, **options: Any) -> Any:
            client.cookies.clear()
            client.cookies.load(cookies)
            with rolled_back():
                response = getattr(client, method)(path, data or {}, **options)
                if getattr(response, "streaming", False):
                    response.body = b"".join(response.streaming_content)
                else:
                    response.body = response.content
            return response

        return ask

    return sign_in
