"""What is somebody's in the queue of a program goes with the program to whoever takes over."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from audit.services import record
from programs.models import Program
from support.models import WorkItem
from support.services.queue import possible_owners


def pass_on_work(
    *, program: Program, leaver: User, successor: User, actor: User, now: datetime
) -> None:
    """Give open items of a leaver to the successor, or to all where they concern the successor.

    Effects: locks the items; their owner, one audit row each.
    """
    items = WorkItem.objects.filter(
        cohort__program=program, owner=leaver, closed_at__isnull=True
    ).select_related("cohort", "match")
    for item in items.select_for_update(of=("self",)).order_by("pk"):
        item.owner = successor if successor in possible_owners(item) else None
        item.save(update_fields=("owner",))
        record(
            actor=actor,
            action="work.assigned",
            about=item,
            now=now,
            program_id=program.pk,
            detail={"kind": item.kind, "owner": item.owner_id},
        )
