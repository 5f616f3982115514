"""Signed links that answer a short question without signing in."""

from __future__ import annotations

from datetime import timedelta

from django.core import signing

from feedback.models import CheckIn, FitQuestion, Pulse
from feedback.querysets import ANSWER_DAYS

SALT = "feedback.answer"
FIT_SALT = "feedback.fit"
PULSE_SALT = "feedback.pulse"
VALID = timedelta(days=ANSWER_DAYS)


class LinkExpired(Exception):
    """The link was ours, but it is too old."""


def make_token(check_in: CheckIn) -> str:
    return signing.dumps([check_in.pk, check_in.user_id], salt=SALT)


def make_fit_token(question: FitQuestion) -> str:
    return signing.dumps([question.pk, question.user_id], salt=FIT_SALT)


def make_pulse_token(pulse: Pulse, *, user_id: int) -> str:
    return signing.dumps([pulse.pk, user_id], salt=PULSE_SALT)


def read_token(token: str, *, salt: str = SALT) -> tuple[int, int] | None:
    """Return (id of what is asked, user id), or None when the link is not ours.

    Raises:
        LinkExpired: it is older than 30 days.
    """
    try:
        asked_id, user_id = signing.loads(token, salt=salt, max_age=VALID)
    except signing.SignatureExpired as error:
        raise LinkExpired from error
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return int(asked_id), int(user_id)
