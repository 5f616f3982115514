"""Signed links that answer a check-in without signing in."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing

from feedback.models import CheckIn
from feedback.querysets import ANSWER_DAYS

SALT = "feedback.answer"
VALID = timedelta(days=ANSWER_DAYS)


class LinkExpired(Exception):
    """The link was ours, but it is too old."""


def make_token(check_in: CheckIn) -> str:
    return signing.dumps([check_in.pk, check_in.user_id], salt=SALT)


def read_token(token: str) -> tuple[int, int] | None:
    """Return (check-in id, user id), or None when the link is not ours.

    Raises:
        LinkExpired: it is older than 30 days.
    """
    try:
        check_in_id, user_id = signing.loads(token, salt=SALT, max_age=VALID)
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(check_in_id), int(user_id)
