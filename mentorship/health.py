"""Whether the product lives, and whether it is ready to serve: for load balancers and launchers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.core.cache import caches
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mentorship.models import WorkerPulse

WORKER_SEEN_WITHIN = timedelta(seconds=90)
QUEUES = ("mail", "default", "heavy")


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Say that the web process answers."""
    return JsonResponse({"status": "live"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Say of each part whether it works; 503 as soon as one does not."""
    parts = {name: _word(check) for name, check in CHECKS.items()}
    is_ready = all(word == "ok" for word in parts.values())
    return JsonResponse(
        {"status": "ready" if is_ready else "not ready", "parts": parts},
        status=200 if is_ready else 503,
    )


def _word(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception:  # a health page reports any fault instead of failing itself
        return "unreachable"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "ok"


def _migrations() -> str:
    executor = MigrationExecutor(connection)
    return "pending" if executor.migration_plan(executor.loader.graph.leaf_nodes()) else "ok"


def _broker() -> str:
    caches["fast"].get("health")
    return "ok"


def _workers() -> str:
    since = timezone.now() - WORKER_SEEN_WITHIN
    seen = set(WorkerPulse.objects.filter(seen_at__gte=since).values_list("queue", flat=True))
    missing = [queue for queue in QUEUES if queue not in seen]
    return f"not seen lately: {', '.join(missing)}" if missing else "ok"


CHECKS = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "workers": _workers,
}
