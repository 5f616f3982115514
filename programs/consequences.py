"""What a change to a cohort that runs does to whom, said before it is saved.

This app owns the registry; upper apps register in ``AppConfig.ready()``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.names import listed
from programs.models import Cohort, CohortStatus, LineManagerRule

Changes = Mapping[str, tuple[Any, Any]]
Tell = Callable[[Cohort, Changes], Iterable[str]]
RUNNING = (CohortStatus.ENROLLING, CohortStatus.PAIRING, CohortStatus.ACTIVE)
_tellers: list[Tell] = []


def register(tell: Tell) -> None:
    """Have ``tell`` asked for sentences about the changed fields: name to (before, after)."""
    if tell not in _tellers:
        _tellers.append(tell)


def consequences_of(cohort: Cohort, changes: Changes) -> list[str]:
    """Return what the changes do to people; nothing for a cohort that nobody sees yet."""
    if cohort.status not in RUNNING or not changes:
        return []
    return [sentence for tell in _tellers for sentence in tell(cohort, changes)]


def of_dates_and_places(cohort: Cohort, changes: Changes) -> Iterable[str]:
    """Tell what this app knows: people of the cohort, its days and its texts."""
    people = cohort.enrolments.exclude(status__in=("withdrawn", "declined")).count()
    if "enrolment_closes_on" in changes:
        yield _("Sign-ups are taken until %(day)s; who has begun one sees the new day.") % {
            "day": date_format(changes["enrolment_closes_on"][1])
        }
    if "starts_on" in changes or "ends_on" in changes:
        yield ngettext(
            "%(count)d person sees other dates on their pages. Nobody is mailed about it.",
            "%(count)d people see other dates on their pages. Nobody is mailed about it.",
            people,
        ) % {"count": people}
    if "phases" in changes:
        yield ngettext(
            "%(count)d person reads other phases or guides from now on; what they wrote to earlier "
            "questions stays.",
            "%(count)d people read other phases or guides from now on; what they wrote to earlier "
            "questions stays.",
            people,
        ) % {"count": people}
    if "name" in changes:
        yield _("The new name stands on every page and in every later mail.")
    for name, role in (("mentor_places", "mentor"), ("mentee_places", "mentee")):
        if name in changes and changes[name][1] is not None:
            taken = cohort.enrolments.filter(role=role, status="enrolled").count()
            if taken > changes[name][1]:
                yield _("%(taken)d have a place already and keep it; later ones wait.") % {
                    "taken": taken
                }
    if changes.get("needs_approval", (None, True))[1] is False:
        waiting = cohort.enrolments.filter(status="applied").count()
        yield ngettext(
            "Later sign-ups are in at once. %(count)d that waits still needs your yes.",
            "Later sign-ups are in at once. %(count)d that wait still need your yes.",
            waiting,
        ) % {"count": waiting}


def of_phases_and_asking(cohort: Cohort, changes: Changes) -> Iterable[str]:
    """Tell which phases a new last day leaves behind, who is asked, and how many mentees fit."""
    if "ends_on" in changes and "phases" not in changes:
        later = cohort.phases.filter(ends_on__gt=changes["ends_on"][1])
        if names := [phase.name for phase in later.order_by("starts_on", "pk")]:
            yield ngettext(
                "This phase ends after the new last day: %(names)s. Move it too.",
                "These phases end after the new last day: %(names)s. Move them too.",
                len(names),
            ) % {"names": listed(names)}
    if "has_pulse" in changes:
        yield _asked_or_not(cohort, is_asked=changes["has_pulse"][1])
    if "mentor_capacity" in changes:
        yield _("Mentors who join from now on start with %(count)d; who is in keeps theirs.") % {
            "count": changes["mentor_capacity"][1]
        }


def _asked_or_not(cohort: Cohort, *, is_asked: bool) -> str:
    """Say who is asked for the pulse from now on, or no more."""
    people = cohort.enrolments.filter(status__in=("enrolled", "paused")).count()
    if is_asked:
        sentence = ngettext(
            "%(count)d person is asked how it goes on the next day of asking.",
            "%(count)d people are asked how it goes on the next day of asking.",
            people,
        )
    else:
        sentence = ngettext(
            "%(count)d person is not asked how it goes any more; what they said stays.",
            "%(count)d people are not asked how it goes any more; what they said stays.",
            people,
        )
    return sentence % {"count": people}


def of_line_managers(cohort: Cohort, changes: Changes) -> Iterable[str]:
    """Tell who hears that their line manager will be told."""
    for name, role in (("mentor_line_manager", "mentor"), ("mentee_line_manager", "mentee")):
        if name in changes and changes[name][1] != LineManagerRule.NOT_TOLD:
            people = cohort.enrolments.filter(role=role, status__in=("enrolled", "paused")).count()
            yield ngettext(
                "%(count)d person who takes part already gets a mail first; three days later "
                "their line manager is told the dates.",
                "%(count)d people who take part already get a mail first; three days later "
                "their line managers are told the dates.",
                people,
            ) % {"count": people}
