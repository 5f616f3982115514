from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import BaseUserManager
from django.utils import timezone

from core.names import sort_key

if TYPE_CHECKING:
    from accounts.models import User


class UserManager(BaseUserManager["User"]):
    """People by e-mail, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=(username or "").strip())

    def build(self, *, email: str, **fields: Any) -> User:
        """Return an unsaved person with a clean e-mail and a sort key."""
        fields.setdefault("joined_at", timezone.now())
        user = self.model(email=email.strip().lower(), **fields)
        user.name_key = sort_key(f"{user.last_name} {user.first_name}")
        return user

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.build(email=email, **fields)
        if password is None:
            user.set_unusable_password()
        else:
            user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create somebody who may do everything; whoever runs this vouches for the address."""
        from accounts.services import confirm_address  # services import the models of this manager

        user = self.create_user(email, password, is_superuser=True, **fields)
        confirm_address(person=user)
        return user
