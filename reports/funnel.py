"""The names behind each number of the funnel, counted as the funnel counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from participants.models import Enrolment
from reports.selectors import STEPS, Filters


class FunnelStep(models.TextChoices):
    """How far somebody has come; the values are columns of ``STEPS``."""

    INVITED = "invited", _("Invited")
    ENROLLED = "enrolled", _("Enrolled")
    PAIRED = "paired", _("Paired")
    MET = "met", _("Met")
    ACTIVE = "active", _("Active in the last 30 days")
    COMPLETED = "completed", _("Completed")


# Who came to a step and not to the next one: "enrolled, but not paired".
NEXT = {
    FunnelStep.INVITED: (FunnelStep.ENROLLED, _("Not enrolled")),
    FunnelStep.ENROLLED: (FunnelStep.PAIRED, _("Not paired")),
    FunnelStep.PAIRED: (FunnelStep.MET, _("Never met")),
    FunnelStep.MET: (FunnelStep.ACTIVE, _("Not met for 30 days, or over")),
}


@dataclass(frozen=True)
class Names(Sequence[Enrolment]):
    """Enrolments at one step, by name: a sequence of which a page reads its part only."""

    filters: Filters
    step: FunnelStep
    only_stopped: bool = False

    @property
    def _condition(self) -> str:
        if self.only_stopped and self.step in NEXT:
            return f"{self.step.value} AND NOT {NEXT[self.step][0].value}"
        return self.step.value

    def __len__(self) -> int:
        """Return how many there are. One query."""
        with connection.cursor() as cursor:
            statement = f"{STEPS} SELECT count(*) FROM steps WHERE {self._condition}"  # noqa: S608
            cursor.execute(statement, self.filters.params)
            return int(cursor.fetchone()[0])

    @overload
    def __getitem__(self, part: int) -> Enrolment: ...
    @overload
    def __getitem__(self, part: slice) -> Sequence[Enrolment]: ...
    def __getitem__(self, part: int | slice) -> Enrolment | Sequence[Enrolment]:
        if isinstance(part, int):
            return next(self._read(part, 1))
        start = part.start or 0
        return list(self._read(start, (part.stop or 0) - start))

    def _read(self, offset: int, limit: int) -> Iterator[Enrolment]:
        """Yield the people of one part in order. Two queries."""
        statement = f"""
            {STEPS}
            SELECT steps.id FROM steps JOIN accounts_user u ON u.id = steps.user_id
            WHERE {self._condition} ORDER BY u.name_key, steps.id LIMIT %(limit)s OFFSET %(offset)s
        """  # noqa: S608 - conditions of this module only
        with connection.cursor() as cursor:
            cursor.execute(statement, {**self.filters.params, "limit": limit, "offset": offset})
            keys = [key for (key,) in cursor.fetchall()]
        found = Enrolment.objects.select_related("user__level").in_bulk(keys)
        return (found[key] for key in keys if key in found)
