"""Take in an HR list from a file, as a scheduled job does: preview, safeguards, apply, tell."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from core.errors import DomainError
from core.jobs import JobStatus
from core.progress import quiet
from notifications.services import queue_message
from participants.importing.sentences import Said
from support.feed.sentences import said_problem
from support.models import Feed, FeedAction, FeedRow, FeedSettings
from support.services.feed_carrying import carry_feed
from support.services.feeding import confirm_feed, day_in_name, map_feed, says_anything, start_feed

KIND = "support.hr_list"
KEPT = "kept"
APPLIED, NOTHING, HELD, WAITS, FAILED, DRY = (
    "applied",
    "nothing",
    "held",
    "waits",
    "failed",
    "dry_run",
)


@dataclass(frozen=True)
class Night:
    """What became of a file; ``feed`` is None where it was not even read."""

    state: str
    text: str
    feed: Feed | None = None
    code: str = ""
    problems: tuple[tuple[int, Said], ...] = ()
    newly_kept: int = 0

    @property
    def is_well(self) -> bool:
        return self.state in (APPLIED, NOTHING, DRY)


def take_in(
    *,
    path: Path,
    kind: str,
    now: datetime,
    dated: date | None = None,
    skips_problems: bool = True,
    dry_run: bool = False,
) -> Night:
    """Take in one file, in one transaction; a list that is held waits for a person.

    Without a day it is as of the day in its name, else of the day the file was written. The same
    file as last time changes nothing, nor does one that was ever undone.

    Effects: those of ``feed_carrying.apply``; a mail to whoever is to be told where it is held,
    fails, has rows with problems, or would change the e-mail of an account in use.
    With ``dry_run`` none at all.
    """
    try:
        with transaction.atomic():
            night = _take_in(path, kind, now, dated, skips_problems, dry_run)
            if dry_run:
                transaction.set_rollback(True)
    except (DomainError, OSError) as error:
        code = error.code if isinstance(error, DomainError) else "missing"
        text = str(error) if isinstance(error, DomainError) else _("The file cannot be read.")
        night = Night(FAILED, text, code=code)
    if not dry_run:
        _tell(night, now=now)
    return night


def _take_in(
    path: Path,
    kind: str,
    now: datetime,
    dated: date | None,
    skips_problems: bool,
    dry_run: bool,
) -> Night:
    content = path.read_bytes()
    again = _known(content, kind)
    if again is not None:
        return again
    written = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC).date()
    feed = start_feed(
        kind=kind,
        file_name=path.name,
        content=content,
        actor=None,
        now=now,
        dated=dated or day_in_name(path.name) or written,
    )
    feed = _carried(map_feed(feed=feed, columns=feed.columns, now=now), now)
    if feed.status != JobStatus.DONE:
        return Night(FAILED, feed.error, feed)
    return _decided(feed, now, skips_problems, dry_run)


def _decided(feed: Feed, now: datetime, skips_problems: bool, dry_run: bool) -> Night:
    """Apply what was previewed, unless something speaks against it."""
    problems = _problems(feed)
    if dry_run:
        text = _("This was a dry run: nothing was written.")
        if feed.is_held:
            would = _("The list would be held until somebody has looked at the names.")
            return Night(HELD, f"{text} {would}", feed, problems=problems)
        return Night(DRY, text, feed, problems=problems)
    if feed.is_held:
        text = _("The list is held until somebody has looked at the names.")
        return Night(HELD, text, feed, problems=problems)
    if problems and not skips_problems:
        text = _("Rows have problems, so nothing was applied.")
        return Night(FAILED, text, feed, "problems", problems)
    kept = _newly_kept(feed)
    if not says_anything(feed):
        text = _("The list changes nothing.")
        return Night(NOTHING, text, feed, problems=problems, newly_kept=kept)
    feed = confirm_feed(feed=feed, seen=feed.plan_digest, accepts_hold=False, actor=None, now=now)
    feed = _carried(feed, now)
    if feed.status != JobStatus.DONE:
        return Night(FAILED, feed.error, feed)
    text = _("The list is applied.")
    return Night(APPLIED, text, feed, problems=problems, newly_kept=kept)


def _problems(feed: Feed) -> tuple[tuple[int, Said], ...]:
    rows = feed.rows.filter(action=FeedAction.PROBLEM).order_by("number")
    return tuple((row.number or 0, said_problem(stored)) for row in rows for stored in row.problems)


def _newly_kept(feed: Feed) -> int:
    """Return how many accounts keep an e-mail that HR changed and the list before did not."""
    noted = FeedRow.objects.filter(notes__contains=[{"code": "email_kept"}])
    before = Feed.objects.filter(kind=feed.kind, pk__lt=feed.pk).order_by("-pk").first()
    kept = noted.filter(feed=feed).exclude(action=FeedAction.PROBLEM)
    return kept.exclude(user__in=noted.filter(feed=before).values("user")).count()


def _known(content: bytes, kind: str) -> Night | None:
    """Return what became of the same file, if it was the last one or was undone."""
    digest = hashlib.sha256(content).hexdigest()
    same = Feed.objects.filter(kind=kind, digest=digest)
    undone = same.filter(undone_at__isnull=False).order_by("-pk").first()
    if undone is not None:
        text = _("This file was undone, and is not applied again by itself.")
        return Night(NOTHING, text, undone)
    last = Feed.objects.filter(kind=kind).order_by("-pk").first()
    if last is None or last.digest != digest:
        return None
    if last.applied_at is not None:
        return Night(NOTHING, _("This file was applied already."), last)
    if last.is_held:
        return Night(WAITS, _("This file is held already and waits for somebody."), last)
    return None


def _carried(queued: Feed, now: datetime) -> Feed:
    feed = carry_feed(feed_id=queued.pk, clock=lambda: now, report=quiet)
    return feed or Feed.objects.get(pk=queued.pk)


def _tell(night: Night, *, now: datetime) -> None:
    """Mail whoever is to be told, once for each list or each day that fails."""
    has_problems = bool(night.feed and night.feed.counts.get(FeedAction.PROBLEM))
    is_quiet = night.state == NOTHING or (night.is_well and not has_problems)
    if night.state == WAITS or (is_quiet and not night.newly_kept):
        return
    state = KEPT if is_quiet else night.state
    with transaction.atomic():
        for person in told_people():
            queue_message(
                kind=KIND,
                recipient=person,
                object_id=night.feed.pk if night.feed else None,
                occasion=f"{now.date().isoformat()} {state} {night.code}".strip(),
                now=now,
            )


def told_people() -> list[User]:
    """Return who is told about lists: the person named in the admin, else IT administrators."""
    named = FeedSettings.load().told
    if named is not None and named.is_active:
        return [named]
    keepers = User.objects.filter(
        is_active=True, grants__role=Role.IT_ADMINISTRATOR, grants__program__isnull=True
    )
    return list(keepers.distinct()) or list(
        User.objects.filter(is_active=True, is_superuser=True).order_by("pk")[:3]
    )
