"""The OpenAPI schema and its reader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from drf_spectacular.validation import validate_schema

SCHEMA = "/api/schema/"
PATHS = {
    "/api/v1/cohorts/": {"get"},
    "/api/v1/cohorts/{id}/": {"get"},
    "/api/v1/enrolments/": {"get"},
    "/api/v1/enrolments/{id}/": {"get"},
    "/api/v1/matches/": {"get"},
    "/api/v1/matches/{id}/": {"get"},
    "/api/v1/meetings/": {"get", "post"},
    "/api/v1/meetings/{id}/": {"get"},
}


@pytest.fixture
def schema(cast):
    answer = cast.client("mentor").get(SCHEMA)
    assert answer.status_code == 200
    return answer.json()


def test_schema_is_valid_and_complete(schema):
    validate_schema(schema)

    assert {path: set(methods) for path, methods in schema["paths"].items()} == PATHS


def test_schema_tells_every_error_of_every_operation(schema):
    for path in schema["paths"].values():
        for method, operation in path.items():
            expected = {"400", "401", "403", "404", "405", "406", "429", "500"}
            if method == "post":
                expected |= {"409", "413", "415"}
            assert expected <= set(operation["responses"])


def test_schema_tells_both_ways_to_sign_in(schema):
    assert set(schema["components"]["securitySchemes"]) == {"token", "cookieAuth"}


def test_schema_asks_to_sign_in(client, db):
    assert client.get(SCHEMA).status_code == 401
    assert client.get("/api/").status_code == 302


def test_schema_by_token(client, api):
    answer = client.get(SCHEMA, headers={"Authorization": f"Bearer {api('mentor').key}"})

    assert answer.status_code == 200


def test_reader_loads_our_own_files_only(cast):
    answer = cast.client("mentor").get("/api/")
    page = answer.content.decode()

    sources = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert all(source.startswith("/") for source in sources)
    for source in sources:
        if source.startswith("/static/"):
            assert Path(finders.find(source.removeprefix("/static/"))).exists()
    assert "<script>" not in page
    assert " style=" not in page
    assert "'unsafe" not in answer["Content-Security-Policy"]
    assert "img-src 'self' data:" in answer["Content-Security-Policy"]
