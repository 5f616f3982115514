"""Every write about people: who they are, what they may do, which tokens they hold."""

from accounts.services.people import (
    change_person,
    change_profile,
    check_reporting_line,
    confirm_address,
    create_person,
)
from accounts.services.roles import grant_role, revoke_role
from accounts.services.tokens import make_token, revoke_token, touch_token

__all__ = [
    "change_person",
    "change_profile",
    "check_reporting_line",
    "confirm_address",
    "create_person",
    "grant_role",
    "make_token",
    "revoke_role",
    "revoke_token",
    "touch_token",
]
