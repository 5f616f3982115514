"""Who reaches reports at all."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied

from accounts.access import HR, MANAGER, OWNER, has_role
from accounts.models import User


def require_reports(user: User) -> None:
    """Let managers and HR analysts in; a member without the right gets 403."""
    if not (user.is_superuser or has_role(user, OWNER, MANAGER, HR)):
        raise PermissionDenied
