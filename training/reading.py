"""The guide of a cohort as its people read it: phase by phase, dates from their own start."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Min

from participants.models import Enrolment, MemberRole
from programs.models import Phase
from programs.selectors import days_late
from programs.wording import delivered, delivered_lines
from training.selectors import Library, ModuleLine


@dataclass
class Chapter:
    """A phase with what is read in it."""

    phase: Phase
    starts_on: date
    ends_on: date
    state: str
    own_guide: str
    modules: list[ModuleLine] = field(default_factory=list)

    @property
    def name(self) -> str:
        return delivered(self.phase.name)

    @property
    def purpose(self) -> str:
        return delivered(self.phase.purpose)

    @property
    def starters(self) -> list[str]:
        return delivered_lines(self.phase.starters)


def chapters_of(enrolment: Enrolment, library: Library, *, today: date) -> list[Chapter]:
    """Return the phases of a cohort for one person. Two queries."""
    cohort = enrolment.cohort
    # Members know their enrolment; this app stands below the matches and asks by the relation.
    # An enrolment that was only invented, for a preview, has none.
    began = None
    if enrolment.pk is not None:
        rows = enrolment.memberships.filter(left_at__isnull=True)
        began = rows.aggregate(first=Min("match__started_on"))["first"]
    late = timedelta(days=days_late(cohort_starts_on=cohort.starts_on, started_on=began))
    is_mentor = enrolment.role == MemberRole.MENTOR
    chapters = []
    for phase in cohort.phases.all():
        starts, ends = phase.starts_on + late, phase.ends_on + late
        state = "done" if ends < today else "now" if starts <= today else "next"
        chapters.append(
            Chapter(
                phase=phase,
                starts_on=starts,
                ends_on=ends,
                state=state,
                own_guide=phase.mentor_guide if is_mentor else phase.mentee_guide,
                modules=library.of_phase(phase.pk),
            )
        )
    return chapters
