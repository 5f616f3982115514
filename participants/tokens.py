"""Links in mail: a personal invitation, and the proof of an address that signs up."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta

from django.core import signing

from participants.models import Invitation

INVITED, CONFIRMED = "participants.invitation", "participants.address"
CONFIRM_WITHIN = timedelta(days=3)


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """Who somebody says they are, until their address is proved; nothing of it is stored."""

    link_id: int
    email: str
    first_name: str
    last_name: str
    time_zone: str
    language: str


def invitation_token(invitation: Invitation) -> str:
    return signing.dumps([invitation.pk, str(invitation.nonce)], salt=INVITED)


def read_invitation_token(token: str) -> tuple[int, str] | None:
    """Return (invitation, nonce), or None when the token is not ours."""
    try:
        pk, nonce = signing.loads(token, salt=INVITED)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(pk), str(nonce)


def address_token(newcomer: Newcomer) -> str:
    return signing.dumps(asdict(newcomer), salt=CONFIRMED, compress=True)


def read_address_token(token: str) -> Newcomer | None:
    """Return who signs up, or None when the token is not ours or older than three days."""
    try:
        return Newcomer(**signing.loads(token, salt=CONFIRMED, max_age=CONFIRM_WITHIN))
    except (signing.BadSignature, ValueError, TypeError):
        return None
