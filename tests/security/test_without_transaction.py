"""Every page as it is served: without the transaction that tests otherwise put around a request.

What locks rows needs a transaction of its own; inside that of a test nobody would notice.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.security.table import rule_of
from tests.security.test_urls import NAMES, address_of

ROLES = ("mentee", "mentor", "program_manager", "hr_analyst", "it_administrator")


def _sessions(cast: Any) -> dict[str, str]:
    name = settings.SESSION_COOKIE_NAME
    return {role: cast.client(role).cookies[name].value for role in ROLES}


def _status(client: Client, method: str, path: str, session: str) -> int:
    client.cookies.clear()
    client.cookies.load({settings.SESSION_COOKIE_NAME: session})
    response: Any = getattr(client, method)(path)
    if getattr(response, "streaming", False):
        b"".join(response.streaming_content)
    return int(response.status_code)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("method", ["get", "post"])
def test_page_answers_without_a_transaction_around_it(cast, worlds, method):
    client, sessions, wrong = Client(raise_request_exception=False), _sessions(cast), []
    for name in NAMES:
        rule = rule_of(name)
        if rule is None or name == "health_ready":
            continue
        may = next((role for role in ROLES if rule.audience.allows(role, "own")), None)
        if may is None:
            continue
        path = address_of(name, rule, worlds["own"])
        status = _status(client, method, path, sessions[may])
        if status >= 500:
            wrong.append(f"{method.upper()} {name} as {may}: {status}")

    assert not wrong, "\n".join(wrong)
