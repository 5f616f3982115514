"""The cast: one person of each kind, in one running cohort, beside another program."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import hypothesis
import pytest
import time_machine
from django.conf import settings
from django.core.cache import caches
from django.db import connection, connections
from django.test import Client
from django.utils import translation

from accounts.models import Role, RoleGrant, User
from matching.models import Match, MatchMember
from participants.models import Enrolment, Profile
from programs.models import Cohort, CohortStatus, Program

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
PASSWORD = "a-long-test-password"
LONGEST = {"browser"}

# How long an example takes says nothing about it: another process may have the core.
hypothesis.settings.register_profile("alongside", deadline=None)
hypothesis.settings.load_profile("alongside")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the longest tests, so that processes side by side end together.

    Within both halves the order stays random.
    """
    items.sort(key=lambda item: LONGEST.isdisjoint(item.path.parts))


@pytest.fixture
def at_now() -> Iterator[None]:
    """Let pages, links and signatures live at the moment of the cast, whatever the day is."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings) -> None:
    """Copy the migrated database that ``bin/test`` made: each process saves half a minute."""
    if template := os.environ.get("TEST_TEMPLATE"):
        connection.settings_dict["TEST"]["TEMPLATE"] = template


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> Iterator[None]:
    """Drop the database only once nobody uses it: a thread or process may still be going.

    A session that stays is a leak, and is named with what it last asked. Threads of the live
    server end with the browser's sockets, so none keeps its connection from request to request.
    """
    connections.settings["default"]["CONN_MAX_AGE"] = 0
    yield
    with django_db_blocker.unblock():
        left = _sessions_of_others()
        for _turn in range(100):
            if not left:
                break
            time.sleep(0.1)
            left = _sessions_of_others()
        connection.close()
    assert not left, f"still connected to the test database: {left}"


def _sessions_of_others() -> list[tuple[str, str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, query, to_char(backend_start, 'HH24:MI:SS') FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return list(cursor.fetchall())


@pytest.fixture(scope="session")
def live_server(django_db_setup, live_server):
    """Start after the database and stop before it."""
    return live_server


@pytest.fixture(autouse=True)
def _fast_and_quiet(settings, tmp_path):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.STAFF_SECOND_FACTOR = False
    settings.WHITENOISE_AUTOREFRESH = True  # else each client reads every static file first
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MAIL = {**settings.MAIL, "folder": str(tmp_path / "mail"), "host": ""}


@pytest.fixture(autouse=True)
def _own_language():
    """Start in English: what a request activates outlives it, and tests run in any order."""
    translation.activate("en")


@pytest.fixture(autouse=True)
def _empty_fast_cache():
    yield
    caches["fast"].clear()


def make_person(email: str, name: str, **fields) -> User:
    first, _, last = name.partition(" ")
    user = User.objects.create_user(
        email, PASSWORD, first_name=first, last_name=last, joined_at=NOW, **fields
    )
    Profile.objects.create(user=user)
    return user


def grant(user: User, role: str, program: Program | None) -> RoleGrant:
    user.__dict__.pop("_grants", None)
    return RoleGrant.objects.create(user=user, role=role, program=program, granted_at=NOW)


def make_cohort(program: Program, name: str = "Autumn 2026", **fields) -> Cohort:
    day = date(2026, 9, 28)
    values = {
        "status": CohortStatus.ACTIVE,
        "enrolment_opens_on": day - timedelta(days=40),
        "enrolment_closes_on": day - timedelta(days=14),
        "starts_on": day,
        "ends_on": day + timedelta(weeks=39),
    }
    return Cohort.objects.create(program=program, name=name, **{**values, **fields})


def enrol(cohort: Cohort, user: User, role: str, **fields) -> Enrolment:
    values = {"enrolled_at": NOW, "status_changed_at": NOW}
    return Enrolment.objects.create(cohort=cohort, user=user, role=role, **{**values, **fields})


def make_match(mentor: Enrolment, mentee: Enrolment, **fields) -> Match:
    values = {
        "cohort": mentor.cohort,
        "started_on": mentor.cohort.starts_on,
        "created_at": NOW,
        "score": 780_000,
    }
    match = Match.objects.create(**{**values, **fields})
    for enrolment in (mentor, mentee):
        MatchMember.objects.create(
            match=match,
            enrolment=enrolment,
            user=enrolment.user,
            role=enrolment.role,
            joined_at=NOW,
        )
    return match


@dataclass
class Cast:
    program: Program
    other_program: Program
    cohort: Cohort
    other_cohort: Cohort
    program_manager: User
    other_program_manager: User
    mentor: User
    mentee: User
    hr_analyst: User
    it_administrator: User
    stranger: User
    mentor_enrolment: Enrolment
    mentee_enrolment: Enrolment
    match: Match

    def client(self, who: str) -> Client:
        """Return a browser in which this person of the cast is signed in."""
        client = Client()
        client.force_login(getattr(self, who), backend=settings.AUTHENTICATION_BACKENDS[0])
        return client


@pytest.fixture
def cast(db) -> Cast:
    program = Program.objects.create(name="Rising Leaders", contact_name="Marta Kowalczyk")
    other_program = Program.objects.create(name="Women in Engineering")
    cohort = make_cohort(program)
    other_cohort = make_cohort(other_program, name="Cohort 4")
    people = {
        "program_manager": make_person("marta@example.org", "Marta Kowalczyk"),
        "other_program_manager": make_person("otto@example.org", "Otto Brandt"),
        "mentor": make_person(
            "daniel@example.org", "Daniel Osei", time_zone="America/Toronto", department="Data"
        ),
        "mentee": make_person(
            "priya@example.org", "Priya Raman", time_zone="Europe/Berlin", department="Finance"
        ),
        "hr_analyst": make_person("jun@example.org", "Jun Nakamura"),
        "it_administrator": make_person("ines@example.org", "Ines Castro"),
        "stranger": make_person("sam@example.org", "Sam Stranger"),
    }
    grant(people["program_manager"], Role.MANAGER, program)
    grant(people["other_program_manager"], Role.MANAGER, other_program)
    grant(people["hr_analyst"], Role.HR_ANALYST, program)
    grant(people["it_administrator"], Role.IT_ADMINISTRATOR, None)
    mentor_enrolment = enrol(cohort, people["mentor"], "mentor", capacity=2)
    mentee_enrolment = enrol(cohort, people["mentee"], "mentee")
    return Cast(
        program=program,
        other_program=other_program,
        cohort=cohort,
        other_cohort=other_cohort,
        mentor_enrolment=mentor_enrolment,
        mentee_enrolment=mentee_enrolment,
        match=make_match(mentor_enrolment, mentee_enrolment),
        **people,
    )
