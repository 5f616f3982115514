"""Every write about people: who they are, what they may do, which tokens they hold."""

from accounts.services.erasing import (
    cancel_erasure,
    check_may_leave,
    erase_person,
    request_erasure,
    sweep_erasures,
)
from accounts.services.externals import (
    check_until,
    check_voucher,
    create_external,
    end_externals,
    prolong_external,
)
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
    "cancel_erasure",
    "change_person",
    "change_profile",
    "check_may_leave",
    "check_reporting_line",
    "check_until",
    "check_voucher",
    "confirm_address",
    "create_external",
    "create_person",
    "end_externals",
    "erase_person",
    "grant_role",
    "make_token",
    "prolong_external",
    "request_erasure",
    "revoke_role",
    "revoke_token",
    "sweep_erasures",
    "touch_token",
]
