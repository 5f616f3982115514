"""Who a session belongs to: the person with everything that access asks about them, in one read."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.utils import timezone

from accounts import selectors
from accounts.models import User


class PersonBackend(AuthenticationBackend):
    """Signs in as allauth does, and loads the person together with their roles."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Refuse who is switched off, and who is from outside and has had the last day."""
        return super().user_can_authenticate(user) and not user.has_ended(timezone.now().date())

    def get_user(self, user_id: Any) -> User | None:
        person = selectors.signed_in_person(user_id)
        return person if person is not None and self.user_can_authenticate(person) else None
