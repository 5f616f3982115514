"""Publishing as a job: few pairs at once, many by a worker, once, stopped, refused, summed up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.access import forget_grants
from accounts.models import RoleGrant
from audit.models import AuditEvent
from core.errors import Conflict
from core.jobs import JobStatus, claim, due
from core.progress import quiet
from matching.models import Match, PairingPolicy, Publication
from matching.publishing import live_pairs, mark_of
from matching.services import publications
from matching.services.publications import (
    perform_publication,
    publish_draft,
    request_publication,
)
from matching.services.review import lock_proposal, reject_proposal
from matching.services.runs import request_run
from matching.services.scenarios import request_scenario
from matching.tasks import run_publication
from notifications.models import Message
from participants.models import Enrolment
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(pairing):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    return pairing.run()


@pytest.fixture
def by_worker(monkeypatch):
    monkeypatch.setattr(publications, "AT_ONCE", 0)


@pytest.fixture
def manager(cast):
    return cast.client("program_manager")


def perform(publication: Publication, *, now=NOW, report=quiet) -> Publication:
    perform_publication(publication.pk, clock=lambda: now, report=report)
    publication.refresh_from_db()
    return publication


def published() -> tuple[int, int]:
    return Match.objects.exclude(proposal=None).count(), Message.objects.count()


def test_few_pairs_are_published_at_once(pairing, run):
    publication = publish_draft(run=run, actor=pairing.manager, now=NOW)

    assert (publication.status, publication.attempt) == (JobStatus.DONE, 1)
    assert publication.result == {"matches": 3, "kept": 0, "left_out": []}
    assert published() == (3, 6)


def test_many_pairs_wait_for_a_worker_and_nobody_decides_meanwhile(pairing, run, by_worker):
    publication = publish_draft(run=run, actor=pairing.manager, now=NOW)

    assert (publication.status, published()) == (JobStatus.QUEUED, (0, 0))
    about = {"actor": pairing.manager, "now": NOW}
    with pytest.raises(Conflict, match="being published"):
        lock_proposal(proposal=run.proposals.first(), **about)
    with pytest.raises(Conflict, match="being published"):
        request_run(cohort=pairing.cohort, **about)
    with pytest.raises(Conflict, match="being published"):
        request_publication(run=run, **about)
    with pytest.raises(Conflict, match="not published yet"):
        request_scenario(run=run, weights={}, rules=(), objective="coverage", **about)
    perform(publication)
    assert (publication.status, published()) == (JobStatus.DONE, (3, 6))


def test_publication_carried_twice_makes_each_match_once(pairing, run, by_worker):
    publication = publish_draft(run=run, actor=pairing.manager, now=NOW)

    perform(perform(publication))

    assert published() == (3, 6)
    assert AuditEvent.objects.filter(action="run.published").count() == 1


def test_publication_of_a_dead_worker_is_found_and_done_anew(pairing, run, by_worker):
    publication = publish_draft(run=run, actor=pairing.manager, now=NOW)
    claim(Publication, publication.pk, now=NOW)  # this worker dies here
    later = NOW + timedelta(minutes=5)

    assert list(due(Publication, now=later)) == [publication]
    perform(publication, now=later)

    assert (publication.status, publication.attempt) == (JobStatus.DONE, 2)
    assert published() == (3, 6)


def test_publication_that_lost_its_row_leaves_nothing(pairing, run, by_worker):
    publication = publish_draft(run=run, actor=pairing.manager, now=NOW)

    def taken_over(stage: str, done: int, total: int) -> None:
        Publication.objects.filter(pk=publication.pk).update(attempt=2)

    perform(publication, report=taken_over)

    assert (publication.status, published()) == (JobStatus.RUNNING, (0, 0))


def test_publication_cancelled_before_a_worker_takes_it_publishes_nothing(
    pairing, run, manager, by_worker
):
    publication = publish_draft(run=run, actor=pairing.manager, now=NOW)

    manager.post(f"/pairing/runs/{run.pk}/publish/stop/")
    perform(publication)

    assert (publication.status, published()) == (JobStatus.CANCELLED, (0, 0))
    page = manager.get(f"/pairing/runs/{run.pk}/").content.decode()
    assert "Publishing was stopped. Nothing of it stays and nobody was told." in page
    lock_proposal(proposal=run.proposals.first(), actor=pairing.manager, now=NOW)
    publish_draft(run=run, actor=pairing.manager, now=NOW)
    assert Publication.objects.count() == 2


def test_draft_that_changed_since_somebody_looked_is_not_published(pairing, run, manager):
    seen = mark_of(live_pairs(run))
    reject_proposal(proposal=run.proposals.first(), actor=pairing.manager, now=NOW)

    response = manager.post(f"/pairing/runs/{run.pk}/publish/", {"seen": seen}, follow=True)

    assert "The draft has changed since you looked." in response.content.decode()
    assert response.redirect_chain[-1][0] == f"/pairing/runs/{run.pk}/publish/"
    assert published() == (0, 0)


def test_publication_that_is_refused_says_what_to_do(pairing, run, manager, by_worker):
    publication = publish_draft(run=run, actor=pairing.manager, now=NOW)
    type(pairing.cohort).objects.filter(pk=pairing.cohort.pk).update(status="completed")

    perform(publication)

    assert (publication.status, published()) == (JobStatus.FAILED, (0, 0))
    page = manager.get(f"/pairing/runs/{run.pk}/").content.decode()
    assert "Publishing did not work. Nothing of it stays and nobody was told." in page
    assert "This cohort is not being paired." in page


def test_publication_by_somebody_who_manages_it_no_more_is_refused(pairing, run, by_worker):
    publication = publish_draft(run=run, actor=pairing.manager, now=NOW)
    RoleGrant.objects.filter(user=pairing.manager).delete()
    forget_grants(pairing.manager)

    perform(publication)

    assert (publication.status, published()) == (JobStatus.FAILED, (0, 0))
    assert publication.error == "Who asked for it manages this cohort no more."


def test_page_shows_progress_while_a_worker_publishes(pairing, run, manager, by_worker):
    posted = manager.post(f"/pairing/runs/{run.pk}/publish/", follow=True)
    Publication.objects.update(
        status="running", stage="publishing", progress_done=2, progress_total=3
    )

    poll = manager.get(f"/pairing/runs/{run.pk}/progress/", headers={"HX-Request": "true"})

    assert "Waiting for a worker." in posted.content.decode()
    assert "Stop publishing" in posted.content.decode()
    assert "Making the matches." in poll.content.decode()
    assert "2 of 3" in poll.content.decode()
    Publication.objects.update(status="done")
    ended = manager.get(f"/pairing/runs/{run.pk}/progress/", headers={"HX-Request": "true"})
    assert ended["HX-Redirect"] == f"/pairing/runs/{run.pk}/"


def test_summary_tells_who_hears_what_and_who_nothing(pairing, run, manager):
    gone = run.proposals.get(mentee=pairing.mentees[0])
    Enrolment.objects.filter(pk=gone.mentor_id).update(status="paused")

    page = manager.get(f"/pairing/runs/{run.pk}/publish/").content.decode()

    assert "2 mentees get a mail each" in page
    assert "2 mentors get a mail for each of their mentees" in page
    assert "1 mentee without a pair" in page
    assert "1 pair of whom one has paused or left" in page
    assert "Mentee 0, Mentor 0" in page
    assert "Publish 2 pairs" in page
    assert published() == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_worker_tells_its_progress_from_a_connection_of_its_own(pairing, by_worker):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    publication = publish_draft(run=pairing.run(), actor=pairing.manager, now=NOW)

    run_publication(publication.pk)

    publication.refresh_from_db()
    assert (publication.status, publication.stage) == (JobStatus.DONE, "publishing")
    assert (publication.progress_done, publication.progress_total) == (0, 3)
    assert published() == (3, 6)


@pytest.mark.django_db(transaction=True)
def test_worker_that_hears_of_a_stop_in_the_middle_leaves_nothing(pairing, by_worker):
    PairingPolicy.objects.filter(cohort=pairing.cohort).update(minimum_fit=0)
    publication = publish_draft(run=pairing.run(), actor=pairing.manager, now=NOW)
    Publication.objects.update(cancel_requested_at=NOW)

    run_publication(publication.pk)

    publication.refresh_from_db()
    assert (publication.status, published()) == (JobStatus.CANCELLED, (0, 0))
