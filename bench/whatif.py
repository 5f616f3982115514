"""Time what the worker does for the sliders of the review page: ``python bench/whatif.py [RUN]``.

Tries eight weights on the newest draft (or the one named) of the database that ``DATABASE_URL``
says, and leaves no scenario behind. The first reads the pool; the others find it warm.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["DJANGO_SETTINGS_MODULE"] = "mentorship.settings"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main() -> None:
    """Try the weights one after the other, and undo."""
    import django

    django.setup()

    from django.db import transaction
    from django.utils import timezone

    from accounts.models import User
    from core.jobs import JobStatus
    from matching.labels import criterion_key
    from matching.models import PairingRun
    from matching.services.scenarios import perform_scenario, request_scenario

    drafts = PairingRun.objects.filter(status=JobStatus.DONE, published_at=None)
    drafts = drafts.defer("pool_snapshot").order_by("-pk")
    run = drafts.get(pk=sys.argv[1]) if len(sys.argv) > 1 else drafts[0]
    actor = User.objects.order_by("pk")[0]
    policy = run.policy_snapshot
    first = criterion_key(policy["criteria"][0])
    print(f"Run {run.pk}: {run.result['mentees']} mentees, {run.result['mentors']} mentors.")
    with transaction.atomic():
        for weight in range(10, 90, 10):
            scenario = request_scenario(
                run=run,
                actor=actor,
                now=timezone.now(),
                weights={first: weight},
                rules=[row["kind"] for row in policy["rules"]],
                objective=policy["objective"],
            )
            cpu = time.process_time()
            perform_scenario(scenario.pk, clock=timezone.now)
            cpu = time.process_time() - cpu
            scenario.refresh_from_db()
            print(f"weight {weight}: {cpu:.3f} s CPU, {scenario.status}")
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
