"""Tell a worker to look at a row, after the row is committed.

The message may get lost: the row says what is to be done, and a sweep finds it.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def wake(task_name: str, *args: Any, queue: str | None = None) -> None:
    """Send the task after the current transaction commits; a broken queue fails no request.

    ``queue`` names another queue than the one the task's name leads to.
    """
    transaction.on_commit(lambda: _send(task_name, args, queue))


def _send(task_name: str, args: tuple[Any, ...], queue: str | None) -> None:
    route: dict[str, Any] = {"queue": queue} if queue else {}
    try:
        current_app.send_task(task_name, args=args, retry=False, **route)
    except (OperationalError, OSError) as error:
        logger.warning("The queue did not take %s; a sweep will. %s", task_name, error)
