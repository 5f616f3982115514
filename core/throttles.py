"""How often the API may be asked. The counters live in Redis; without Redis nobody is stopped."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.core.cache import caches
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 15


class _FailsOpen(SimpleRateThrottle):
    """Counts in the fast cache; when it does not answer, lets everybody through for a while."""

    cache = caches["fast"]
    _paused_until = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        if time.monotonic() < _FailsOpen._paused_until:
            return True
        try:
            return bool(super().allow_request(request, view))
        except (RedisError, OSError) as error:
            _FailsOpen._paused_until = time.monotonic() + PAUSE_SECONDS
            logger.warning("The API counts no requests: the fast cache does not answer. %s", error)
            return True


class PersonThrottle(_FailsOpen, UserRateThrottle):
    """Counts by person, whichever token or browser they use; strangers are counted by address."""

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if not request.user or not request.user.is_authenticated:
            return None
        key: str | None = super().get_cache_key(request, view)
        return key


class AddressThrottle(_FailsOpen, AnonRateThrottle):
    """Counts requests without a person by network address."""
