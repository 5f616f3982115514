"""This app's part of a person's data: matches, and whom they shall not meet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.privacy import (
    Eraser,
    Exporter,
    Row,
    leave_out,
    register_eraser,
    register_exporter,
)
from matching.models import (
    DoNotPair,
    MatchMember,
    PairingRun,
    PairingWish,
    Scenario,
    TraitConsent,
)
from matching.selectors import partners_of
from matching.services.closing import leave_match
from matching.services.traits import forget_frozen
from participants.models import Enrolment

# What a frozen pool keeps about somebody who left: enough to read the run, nothing they said.
SAID: Row = {
    "goal": "",
    "about": "",
    "profession": "",
    "career_goal": "",
    "preferred": [],
    "skills_wanted": {},
    "skills_offered": [],
    "interests": [],
    "languages": [],
    "hours": None,
    "answers": {},
}


def register() -> None:
    register_exporter(
        Exporter(
            name="matches",
            title=_("Your matches"),
            fields={
                "program": _("Program"),
                "cohort": _("Cohort"),
                "role": _("Role"),
                "with": _("With"),
                "status": _("Status"),
                "started_on": _("Started"),
                "ended_on": _("Ended"),
            },
            rows=_matches,
            covers=("matching.MatchMember.user",),
        )
    )
    register_exporter(
        Exporter(
            name="wishes",
            title=_("Whom you would like to be matched with, and whom not"),
            fields={"cohort": _("Cohort"), "wish": _("wish"), "address": _("e-mail")},
            rows=_wishes,
        )
    )
    register_exporter(
        Exporter(
            name="traits",
            title=_("What you agreed to have compared by the pairing"),
            fields={"cohort": _("Cohort"), "question": _("question"), "choice": _("choice")},
            rows=_traits,
        )
    )
    register_eraser(Eraser(name="matching", erase=_erase))
    by_the_way = "Done for a program; the act is in the log."
    leave_out(
        {
            "matching.PairingRun.requested_by": by_the_way,
            "matching.PairingRun.published_by": by_the_way,
            "matching.Proposal.decided_by": by_the_way,
            "matching.Publication.requested_by": by_the_way,
            "matching.Scenario.requested_by": by_the_way,
            "matching.DoNotPair.created_by": by_the_way,
            "matching.RuleOverride.created_by": by_the_way,
            "matching.DoNotPair.low": "It would say what somebody else asked for.",
            "matching.DoNotPair.high": "It would say what somebody else asked for.",
        }
    )


def _wishes(person: User) -> Iterator[Row]:
    rows = PairingWish.objects.filter(enrolment__user=person).select_related("enrolment__cohort")
    for wish in rows:
        yield {
            "cohort": wish.enrolment.cohort.name,
            "wish": str(wish.get_kind_display()),
            "address": wish.address,
        }


def _traits(person: User) -> Iterator[Row]:
    rows = TraitConsent.objects.filter(enrolment__user=person).select_related(
        "enrolment__cohort", "trait"
    )
    for row in rows.order_by("pk"):
        yield {
            "cohort": row.enrolment.cohort.name,
            "question": row.trait.label,
            "choice": row.choice,
        }


def _matches(person: User) -> Iterator[Row]:
    rows = MatchMember.objects.filter(user=person).select_related("match__cohort__program")
    for member in rows.order_by("pk"):
        match = member.match
        yield {
            "program": str(match.cohort.program),
            "cohort": str(match.cohort),
            "role": member.get_role_display(),
            "with": [str(partner.user) for partner in partners_of(match, person)],
            "status": match.get_status_display(),
            "started_on": match.started_on,
            "ended_on": match.ended_on,
        }


def _erase(person: User, now: datetime) -> None:
    """Leave open matches, which says nothing of why; take what they said out of frozen pools."""
    members = MatchMember.objects.current().filter(user=person)
    for member in members.exclude(match__status="ended").select_related("match__cohort"):
        leave_match(match=member.match, person=person, actor=None, now=now)
    DoNotPair.objects.filter(Q(low=person) | Q(high=person)).delete()
    PairingWish.objects.filter(enrolment__user=person).delete()
    TraitConsent.objects.filter(enrolment__user=person).delete()
    Scenario.objects.filter(requested_by=person).delete()
    enrolments = set(Enrolment.objects.filter(user=person).values_list("pk", flat=True))
    forget_frozen(enrolments)
    cohorts = Enrolment.objects.filter(user=person).values("cohort")
    for run in PairingRun.objects.filter(cohort__in=cohorts).iterator(chunk_size=1):
        if _forget(run.pool_snapshot.get("people", []), enrolments):
            run.save(update_fields=["pool_snapshot"])


def _forget(people: list[Row], enrolments: set[int]) -> bool:
    """Empty what these people said in a frozen pool; True when there was something."""
    found = [row for row in people if row.get("id") in enrolments]
    for row in found:
        row.update({key: empty for key, empty in SAID.items() if key in row})
    return bool(found)
