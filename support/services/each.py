"""Work on one of many that stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction

log = logging.getLogger(__name__)


def stands_alone(
    act: Callable[[], object],
    sentence: str,
    about: object,
    *,
    but: type[Exception] = Exception,
) -> bool:
    """Act in a transaction or savepoint of its own and tell whether it worked.

    A failure of the kind ``but`` is logged and taken back, any other is raised. That the time of
    the whole task is up is no failure of this one and ends the task.
    """
    try:
        with transaction.atomic():
            act()
    except SoftTimeLimitExceeded:
        raise
    except but:
        log.exception(sentence, about)
        return False
    return True
