from celery import shared_task
from django.utils import timezone

from core import jobs
from matching.models import PairingRun
from matching.services.runs import perform_run


@shared_task(name="matching.run_pairing", time_limit=7_200)
def run_pairing(run_id: int) -> None:
    perform_run(run_id, clock=timezone.now)


@shared_task(name="matching.sweep_runs", soft_time_limit=50, time_limit=60)
def sweep_runs() -> None:
    """Hand runs that nobody carries to the workers of the heavy queue."""
    for run_id in jobs.due(PairingRun, now=timezone.now()).values_list("pk", flat=True)[:20]:
        run_pairing.delay(run_id)
