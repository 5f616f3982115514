"""What the measurements stand on: servers, and databases full of invented people.

With ``DATABASE_URL`` set, databases are made beside the one it names and are kept for the next
run; the role needs the right to create them. Without it, private servers are started as by
``bin/test``, and everything is forgotten at the end.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mentorship.launcher import checks, environment, folders  # noqa: E402
from mentorship.launcher.stopping import StopRequest  # noqa: E402

MEETINGS_A_PARTICIPANT = 10


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """Yield the environment of a process that measures."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        yield _env(dict(os.environ))
        return
    stop = StopRequest()
    stop.listen()
    folder = Path(tempfile.mkdtemp(prefix="alongside-bench-", dir=folders.short_temporary()))
    try:
        with checks.private_servers(folder, stop) as urls:
            if os.environ.get("DATABASE_URL"):
                urls = {**urls, "DATABASE_URL": os.environ["DATABASE_URL"]}
            yield _env(environment.for_tests(folder=folder, servers=urls, chromium=""))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _env(env: dict[str, str]) -> dict[str, str]:
    defaults = {
        "SECRET_KEY": secrets.token_urlsafe(64),
        "FIELD_KEYS": f"bench:{secrets.token_urlsafe(32)}",
        "DJANGO_SETTINGS_MODULE": "mentorship.settings",
    }
    fixed = {"DEBUG": "0", "DEMO": "0", "STAFF_SECOND_FACTOR": "0", "LOG_LEVEL": "ERROR"}
    return {**defaults, **env, **fixed, "BASE_URL": "http://127.0.0.1:8000"}


def database(env: dict[str, str], *, participants: int) -> dict[str, str]:
    """Return the environment with a database of this many participants, filled when it is new."""
    name = f"bench_pages_{participants}"
    parts = urlsplit(env["DATABASE_URL"])
    _create(env["DATABASE_URL"], name)
    found = {**env, "DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}"))}
    if not _has_people(found["DATABASE_URL"]):
        print(f"Filling {name} ...", file=sys.stderr)
        meetings = str(participants * MEETINGS_A_PARTICIPANT)
        _manage(found, "migrate", "-v0")
        _manage(found, "seed_scale", "--participants", str(participants), "--meetings", meetings)
    else:
        _manage(found, "migrate", "-v0")
    return found


def _create(url: str, name: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    finally:
        connection.close()


def _has_people(url: str) -> bool:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('meetings_meeting')")
            if cursor.fetchone()[0] is None:
                return False
            cursor.execute("SELECT EXISTS (SELECT 1 FROM meetings_meeting)")
            return bool(cursor.fetchone()[0])
    finally:
        connection.close()


def _manage(env: dict[str, str], *arguments: str) -> None:
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
