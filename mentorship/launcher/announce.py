"""The one block that a start ends with: where, as whom, and how to stop."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from .console import block
from .servers import Servers

LOGINS = "demo-logins.json"


def announce(*, env: Mapping[str, str], var: Path, servers: Servers, seconds: float) -> None:
    block(_lines(env, var, servers, seconds))


def _lines(env: Mapping[str, str], var: Path, servers: Servers, seconds: float) -> Iterator[str]:
    yield f"Alongside runs at  {env['BASE_URL']}/   (started in {seconds:.1f} s)"
    yield ""
    yield from _logins(var / LOGINS)
    yield f"Mail        {_mail(env)}"
    yield f"Data        {var}"
    yield from _elsewhere(servers)
    yield f"Logs        {var / 'log'}"
    yield "Commands    bin/manage help   (in a second terminal)"
    yield "Stop        Ctrl-C, or SIGTERM to this process; the data stays"


def _logins(path: Path) -> Iterator[str]:
    try:
        logins = json.loads(path.read_text(encoding="utf-8"))
        rows = [(role, login["email"], login["password"]) for role, login in logins.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)] if rows else [0, 0]
    yield "Sign in as"
    for role, email, password in rows:
        name = role.replace("_", " ")
        yield f"  {name:<{widths[0]}}  {email:<{widths[1]}}  {password}"
    yield f"  (also in {path})"
    yield ""


def _mail(env: Mapping[str, str]) -> str:
    parts = urlsplit(env["MAIL_URL"])
    if parts.scheme == "file":
        return f"is written to {parts.path}, nothing is sent"
    return f"is sent through {parts.hostname}"


def _elsewhere(servers: Servers) -> Iterator[str]:
    """Tell where the database is when it is not among the rest of the data."""
    home = servers.database_home
    if home is None:
        yield "Database    the server that DATABASE_URL names"
    elif home.is_elsewhere and home.account is not None:
        yield f"Database    {home.path}"
        yield f"            (run as {home.account.name}, who cannot enter the data folder)"
