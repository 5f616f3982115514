"""Whom people of the demo may ask for help in private."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from programs.models import Program
from support.services import Named, name_contacts


def name_help(
    program: Program, *, manager: User, first: User, second: User, deputy: User, now: datetime
) -> None:
    """Name two contacts with one deputy for both."""
    name_contacts(
        program=program,
        contacts={
            1: Named(first, "Works in HR, has nothing to do with the pairing", deputy),
            2: Named(second, "A senior colleague outside the program", deputy),
        },
        signposts="",
        actor=manager,
        now=now,
    )
