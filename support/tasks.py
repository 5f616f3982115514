from pathlib import Path

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from support import digest, services
from support.services import feed_carrying, feed_telling, nightly
from support.services.flash import close_flash_matches
from support.services.late import follow_late


@shared_task(name="support.send_announcements", soft_time_limit=280, time_limit=300)
def send_announcements() -> None:
    services.send_due_announcements(now=timezone.now())


@shared_task(name="support.follow_help", soft_time_limit=50, time_limit=60)
def follow_help() -> None:
    services.follow_help(now=timezone.now())


@shared_task(name="support.judge_matches", soft_time_limit=280, time_limit=300)
def judge_matches() -> None:
    """Let those who left go and end flash matches that are over; judge the others.

    Then bring the managers' queue up to date.
    """
    now = timezone.now()
    follow_late(now=now)
    services.carry_leavers(now=now)
    close_flash_matches(now=now)
    services.judge_all(now=now)
    services.raise_items(now=now)


@shared_task(name="support.run_rehearsal", soft_time_limit=280, time_limit=300)
def run_rehearsal(rehearsal_id: int) -> None:
    services.perform_rehearsal(rehearsal_id, clock=timezone.now)


@shared_task(name="support.sweep_rehearsals", soft_time_limit=50, time_limit=60)
def sweep_rehearsals() -> None:
    services.sweep_rehearsals(now=timezone.now())


@shared_task(name="support.plan_digests", soft_time_limit=280, time_limit=300)
def plan_digests() -> None:
    digest.plan_digests(now=timezone.now())
    services.plan_chats(now=timezone.now())


@shared_task(name="support.post_chats", soft_time_limit=90, time_limit=120)
def post_chats() -> None:
    services.post_chats(clock=timezone.now)


@shared_task(name="support.run_feed", soft_time_limit=1_500, time_limit=1_800)
def run_feed(feed_id: int) -> None:
    """Carry one HR list; one that somebody else carries is left alone."""
    feed_carrying.carry_feed(feed_id=feed_id)


@shared_task(name="support.sweep_feeds", soft_time_limit=60, time_limit=90)
def sweep_feeds() -> None:
    """Find HR lists that nobody carries, and forget what is old."""
    feed_carrying.sweep_feeds(now=timezone.now())


@shared_task(name="support.tell_old_addresses", soft_time_limit=280, time_limit=300)
def tell_old_addresses() -> None:
    """Tell some of the addresses that a list took from an account."""
    feed_telling.tell_old_addresses(now=timezone.now())


@shared_task(name="support.run_nightly_feed", soft_time_limit=1_500, time_limit=1_800)
def run_nightly_feed() -> None:
    """Take in the HR list of this night, where one is set up; rows with problems stay out."""
    if settings.HR_FEED_PATH:
        nightly.take_in(
            path=Path(settings.HR_FEED_PATH), kind=settings.HR_FEED_KIND, now=timezone.now()
        )
