"""What the project itself remembers."""

from __future__ import annotations

from datetime import datetime

from django.db import models


class WorkerPulse(models.Model):
    """When a worker of this queue was last seen: it ran a task that beat sends every 20 seconds."""

    queue = models.CharField(max_length=20, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.queue

    @classmethod
    def beat(cls, *, queue: str, now: datetime) -> None:
        cls.objects.update_or_create(queue=queue, defaults={"seen_at": now})
