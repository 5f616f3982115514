from celery import shared_task
from django.utils import timezone

from core import jobs
from matching.models import PairingRun, Publication, Scenario
from matching.services.publications import perform_publication
from matching.services.runs import perform_run
from matching.services.scenarios import forget_old_scenarios, perform_scenario


@shared_task(name="matching.run_pairing", time_limit=7_200)
def run_pairing(run_id: int) -> None:
    perform_run(run_id, clock=timezone.now)


@shared_task(name="matching.run_scenario", time_limit=7_200)
def run_scenario(scenario_id: int) -> None:
    perform_scenario(scenario_id, clock=timezone.now)


@shared_task(name="matching.run_publication", time_limit=7_200)
def run_publication(publication_id: int) -> None:
    perform_publication(publication_id, clock=timezone.now)


@shared_task(name="matching.sweep_runs", soft_time_limit=50, time_limit=60)
def sweep_runs() -> None:
    """Hand runs that nobody carries to the workers of the heavy queue, and tidy up."""
    now = timezone.now()
    for run_id in jobs.due(PairingRun, now=now).values_list("pk", flat=True)[:20]:
        run_pairing.delay(run_id)
    for scenario_id in jobs.due(Scenario, now=now).values_list("pk", flat=True)[:20]:
        run_scenario.delay(scenario_id)
    for publication_id in jobs.due(Publication, now=now).values_list("pk", flat=True)[:20]:
        run_publication.delay(publication_id)
    forget_old_scenarios(now=now)
