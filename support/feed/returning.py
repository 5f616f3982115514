"""Which earlier e-mails may come back when a list is undone: as careful as on the way in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import may_move_addresses
from accounts.models import User
from participants.importing.removing import among
from support.feed.known import is_keeper, is_trusted
from support.models import FeedRow

NAMED = 20


class AddressKeeper:
    """Says for a chunk of rows at a time who gets their earlier e-mail back.

    Not who has another one since; not where it belongs to somebody else meanwhile; and an account
    that is in use only by IT, that of IT and of superusers never.
    """

    def __init__(self, actor: User | None) -> None:
        self.earlier: dict[int, str] = {}
        self._moves_used = may_move_addresses(actor)
        self._taken: list[str] = []
        self._used: list[str] = []

    def look_at(self, rows: Iterable[FeedRow], users: Mapping[int, User]) -> None:
        """Note who of these rows gets which e-mail back. Two queries, or none."""
        wanted: dict[int, str] = {}
        for row in rows:
            before, after = row.changes.get("user", {}).get("email", (None, None))
            user = users.get(row.user_id or 0)
            if before and user is not None and user.email == after:
                wanted[user.pk] = before
        self.earlier = {}
        if not wanted:
            return
        owners = _owners(wanted.values())
        guarded = _guarded(wanted, moves_used=self._moves_used)
        for pk, address in wanted.items():
            if owners.get(address.lower(), pk) != pk:
                self._taken.append(str(users[pk]))
            elif pk in guarded:
                self._used.append(str(users[pk]))
            else:
                self.earlier[pk] = address

    def may_return(self, user_id: int) -> bool:
        return user_id in self.earlier

    def said(self) -> list[str]:
        """Return in words whose e-mail stays, and why."""
        found = []
        if self._taken:
            found.append(
                _(
                    "Their earlier e-mail belongs to somebody else now, so the new one stays: "
                    "%(who)s."
                )
                % {"who": _names(self._taken)}
            )
        if self._used:
            found.append(
                _(
                    "Their account is in use, so the new e-mail stays; IT changes it in the admin: "
                    "%(who)s."
                )
                % {"who": _names(self._used)}
            )
        return found


def _owners(addresses: Iterable[str]) -> dict[str, int]:
    keys = [address.lower() for address in addresses]
    rows = User.objects.alias(key=Lower("email")).filter(key__in=keys)
    return {email.lower(): pk for pk, email in rows.values_list("pk", "email")}


def _guarded(ids: Iterable[int], *, moves_used: bool) -> set[int]:
    kept = is_keeper() if moves_used else is_keeper() | Q(last_login__isnull=False) | is_trusted()
    return set(User.objects.filter(kept, pk__in=among(ids)).values_list("pk", flat=True))


def _names(names: list[str]) -> str:
    shown = ", ".join(names[:NAMED])
    more = len(names) - NAMED
    if more <= 0:
        return shown
    rest = ngettext("%(count)d more", "%(count)d more", more) % {"count": more}
    return f"{shown}, {rest}"
