"""Write an agreement together and sign it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record
from core.errors import Conflict, DomainError
from matching.models import AgreementSignature, AgreementVersion, Match
from matching.sealed import Parts, packed_words, parts_of
from matching.seats import locked_for, others_in
from notifications.services import queue_message
from programs.models import AgreementPart

LONGEST_PART = 5_000


@dataclass(frozen=True)
class Merged:
    """One part after two people changed the same version: what to go on with, and what differs."""

    text: str
    theirs: str
    is_conflict: bool


class AgreementChanged(Conflict):
    """Somebody saved a version meanwhile. ``merged`` holds both; nothing of either is lost."""

    default_code = "agreement_changed"

    def __init__(self, latest: AgreementVersion, merged: dict[str, Merged]) -> None:
        self.latest, self.merged = latest, merged
        name = latest.written_by.get_short_name()
        super().__init__(
            _("%(name)s saved a version meanwhile. Both are below: look once, then save again.")
            % {"name": name}
        )


@transaction.atomic
def write_agreement(
    *, match: Match, actor: User, based_on: int, before: Parts, parts: Parts, now: datetime
) -> AgreementVersion:
    """Save a new version; every earlier one is kept, with its signatures.

    ``based_on`` is the number of the version that the person had before them (0: the draft), and
    ``before`` its text. A text that says what the newest version says makes no new one.

    Raises:
        AgreementChanged: a newer version exists.
        DomainError: it is empty, or a part is too long.
        NotAllowed, Conflict: see ``locked_for``.
    Effects: one row, one audit row. It needs the signatures of all members anew.
    """
    row = locked_for(match, actor)
    written = _valid(parts)
    latest = newest_version(row)
    if latest is not None and latest.number != based_on:
        raise AgreementChanged(latest, _merge(before, written, parts_of(latest)))
    if latest is not None and parts_of(latest) == written:
        return latest
    version = AgreementVersion(
        match=row,
        number=latest.number + 1 if latest else 1,
        words=packed_words(written),
        written_by=actor,
        written_at=now,
    )
    version.save()
    _record(row, "agreement.written", actor, version.number, now)
    return version


@transaction.atomic
def sign_agreement(*, match: Match, actor: User, number: int, now: datetime) -> AgreementSignature:
    """Put the member's name under the newest version; again is fine.

    Raises:
        Conflict: there is a newer version than the one that was read, or the match has ended.
        NotAllowed: the person is not a member now.
    Effects: one row and one audit row, the first time; a message to each member who has not signed.
    """
    row = locked_for(match, actor)
    latest = newest_version(row)
    if latest is None or latest.number != number:
        raise Conflict(_("The agreement was changed meanwhile. Read it again, then sign."))
    signature, is_new = AgreementSignature.objects.get_or_create(
        version=latest, user=actor, defaults={"signed_at": now}
    )
    if is_new:
        _record(row, "agreement.signed", actor, number, now)
        _ask_others(row, latest, actor, now)
    return signature


def newest_version(match: Match) -> AgreementVersion | None:
    rows = AgreementVersion.objects.filter(match=match).select_related("written_by")
    return rows.order_by("-number").first()


def _valid(parts: Parts) -> Parts:
    written = {
        part: parts.get(part, "").replace("\r\n", "\n").strip() for part in AgreementPart.values
    }
    if not any(written.values()):
        raise DomainError(_("Write at least one sentence."))
    for part, text in written.items():
        if len(text) > LONGEST_PART:
            raise DomainError(
                _("That is more than 5,000 characters. Agreements that are short are kept."),
                field=part,
            )
    return written


def _merge(before: Parts, mine: Parts, theirs: Parts) -> dict[str, Merged]:
    """Take each part from who changed it; where both did, keep mine and show theirs."""
    merged = {}
    for part in AgreementPart.values:
        old, own, other = before.get(part, ""), mine[part], theirs[part]
        is_conflict = own not in (old, other) and other != old
        text = other if own == old else own
        merged[part] = Merged(text, other, is_conflict)
    return merged


def _ask_others(match: Match, version: AgreementVersion, actor: User, now: datetime) -> None:
    signed = set(version.signatures.values_list("user_id", flat=True))
    for person in others_in(match, actor):
        if person.pk not in signed:
            queue_message(
                kind="matching.begin",
                recipient=person,
                object_id=match.pk,
                occasion=f"agreement-{version.number}",
                program_id=match.cohort.program_id,
                cohort_id=match.cohort_id,
                match_id=match.pk,
                now=now,
            )


def _record(match: Match, action: str, actor: User, number: int, now: datetime) -> None:
    record(
        actor=actor,
        action=action,
        about=match,
        now=now,
        program_id=match.cohort.program_id,
        detail={"version": number},
    )
