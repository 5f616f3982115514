"""PostgreSQL refuses to run as root: whom it runs as instead."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from .problem import Problem

CANDIDATES = ("nobody", "postgres", "daemon")


@dataclass(frozen=True)
class Account:
    name: str
    uid: int
    gid: int


def _named(entry: pwd.struct_passwd) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def database_account(existing_data: Path) -> Account | None:
    """Return the account for the database, or None to run it as whoever starts Alongside.

    Data that somebody else's start has made stays theirs, so that root and its owner can
    take turns.
    """
    if os.geteuid() != 0:
        return None
    if existing_data.exists() and existing_data.stat().st_uid != 0:
        try:
            return _named(pwd.getpwuid(existing_data.stat().st_uid))
        except KeyError:
            raise Problem(
                f"{existing_data} belongs to user number {existing_data.stat().st_uid}, who has"
                " no name on this machine, and PostgreSQL refuses to run for such a user."
                " Give the folder to an existing user with chown."
            ) from None
    for name in CANDIDATES:
        try:
            return _named(pwd.getpwnam(name))
        except KeyError:
            continue
    raise Problem(
        "PostgreSQL does not run as root, and this machine has no user called"
        f" {', '.join(CANDIDATES[:-1])} or {CANDIDATES[-1]}."
        " Start Alongside as an ordinary user instead."
    )
