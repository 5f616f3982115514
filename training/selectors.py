"""Reads of training: somebody's library, who has finished, whom the pairing leaves out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from participants.models import Enrolment
from programs.models import Audience, Cohort
from programs.wording import delivered
from training.models import (
    ModuleVersion,
    QuizQuestion,
    TrainingModule,
    TrainingProgress,
    TrainingRule,
)


@dataclass
class ModuleLine:
    """A module in somebody's library, and how far they are."""

    module: TrainingModule
    version: ModuleVersion
    page_count: int
    progress: TrainingProgress | None = None
    today: date | None = None

    @property
    def title(self) -> str:
        return delivered(self.version.title)

    @property
    def summary(self) -> str:
        return delivered(self.version.summary)

    @property
    def is_done(self) -> bool:
        return bool(self.progress and is_done(self.progress, self.today))

    @property
    def is_due_again(self) -> bool:
        return bool(self.progress and self.progress.first_completed_at and not self.is_done)

    @property
    def is_begun(self) -> bool:
        return bool(self.progress and not self.is_done and self.progress.pages_read)

    @property
    def pages_read(self) -> int:
        return min(self.progress.pages_read, self.page_count) if self.progress else 0


@dataclass
class Library:
    """The modules of one enrolment: those before the start, then by phase."""

    enrolment: Enrolment
    gates_pairing: bool
    lines: list[ModuleLine] = field(default_factory=list)

    @property
    def required(self) -> list[ModuleLine]:
        return [line for line in self.lines if line.module.is_required]

    @property
    def done_count(self) -> int:
        return sum(line.is_done for line in self.required)

    @property
    def open_required(self) -> list[ModuleLine]:
        return [line for line in self.required if not line.is_done]

    @property
    def early(self) -> list[ModuleLine]:
        """The modules of no phase, but for those that are required and still open."""
        return [line for line in self.of_phase(None) if line not in self.open_required]

    def of_phase(self, phase_id: int | None) -> list[ModuleLine]:
        return [line for line in self.lines if line.module.phase_id == phase_id]


def is_done(progress: TrainingProgress, today: date | None) -> bool:
    if progress.completed_at is None:
        return False
    return progress.expires_on is None or today is None or progress.expires_on > today


def done_rows(today: date) -> QuerySet[TrainingProgress]:
    """Return progress that counts as finished on a day."""
    return TrainingProgress.objects.filter(completed_at__isnull=False).filter(
        Q(expires_on__isnull=True) | Q(expires_on__gt=today)
    )


def library_of(enrolment: Enrolment, *, today: date) -> Library:
    """Return what somebody may learn in a cohort. Four queries."""
    own = TrainingProgress.objects.filter(enrolment_id=enrolment.pk).select_related("version")
    modules = (
        TrainingModule.objects.offered()
        .for_role(enrolment.role)
        .filter(cohort=enrolment.cohort_id)
        .prefetch_related(
            Prefetch("versions", _versions_in_use(), to_attr="current"),
            Prefetch("progress", own, to_attr="own"),
        )
        .order_by("position", "pk")
    )
    rule = TrainingRule.objects.filter(cohort=enrolment.cohort_id).first()
    library = Library(enrolment, gates_pairing=bool(rule and rule.gates_pairing))
    for module in modules:
        version: Any = module.current[0]
        progress = module.own[0] if module.own else None
        pages = version.part_count + version.has_quiz
        library.lines.append(ModuleLine(module, version, pages, progress=progress, today=today))
    return library


def _versions_in_use() -> QuerySet[Any]:
    quiz = QuizQuestion.objects.filter(version=OuterRef("pk"))
    return ModuleVersion.objects.filter(is_current=True).annotate(
        part_count=Count("parts"), has_quiz=Exists(quiz)
    )


def open_required(cohort: Cohort, *, today: date) -> QuerySet[Enrolment]:
    """Return the enrolments of a cohort that have not finished a required module."""
    return Enrolment.objects.filter(Exists(open_modules_for(today=today)), cohort=cohort)


def open_modules_for(*, today: date) -> QuerySet[Any]:
    """Return the required modules that the enrolment of an outer query has not finished."""
    finished = done_rows(today).filter(module=OuterRef("pk"), enrolment=OuterRef(OuterRef("pk")))
    return (
        TrainingModule.objects.offered()
        .filter(cohort=OuterRef("cohort_id"), is_required=True)
        .filter(Q(audience=OuterRef("role")) | Q(audience=Audience.BOTH))
        .exclude(Exists(finished))
    )


def left_out_for_system(cohort: Cohort, *, today: date) -> set[int]:
    """Return the enrolments that pairing leaves out: none unless the cohort says so."""
    if not TrainingRule.objects.filter(cohort=cohort, gates_pairing=True).exists():
        return set()
    return set(open_required(cohort, today=today).values_list("pk", flat=True))


@dataclass(frozen=True)
class ModuleFigure:
    """A module as its managers see it: how many of how many have finished.

    ``version`` is what people take; a new module has none before its draft is put to use.
    """

    module: TrainingModule
    version: ModuleVersion | None
    draft: ModuleVersion | None
    done: int
    of: int


def figures_of(cohort: Cohort, *, today: date) -> list[ModuleFigure]:
    """Return the modules of a cohort with counts of people. Four queries."""
    in_pool = cohort.enrolments.in_pool()
    people = dict(in_pool.order_by().values_list("role").annotate(count=Count("pk")))
    done = dict(
        done_rows(today)
        .filter(module__cohort=cohort, enrolment__in=in_pool)
        .order_by()
        .values_list("module")
        .annotate(count=Count("pk"))
    )
    modules = cohort.training_modules.prefetch_related("versions").order_by("position", "pk")
    return [
        ModuleFigure(
            module=module,
            version=current,
            draft=_draft_of(module, current),
            done=done.get(module.pk, 0),
            of=sum(
                count for role, count in people.items() if module.audience in (role, Audience.BOTH)
            ),
        )
        for module in modules
        for current in (_current(module.versions.all()),)
    ]


def _current(versions: Iterable[ModuleVersion]) -> ModuleVersion | None:
    return next((version for version in versions if version.is_current), None)


def _draft_of(module: TrainingModule, current: ModuleVersion | None) -> ModuleVersion | None:
    """Return the version that waits to be put to use, the first one of a new module included."""
    since = current.number if current else 0
    return next((one for one in module.versions.all() if one.number > since), None)


@dataclass(frozen=True)
class Learner:
    """Somebody who still has required modules to finish."""

    enrolment: Enrolment
    open_titles: list[str]


def learners_of(enrolments: Iterable[Enrolment], cohort: Cohort, *, today: date) -> list[Learner]:
    """Return which required modules are open for each enrolment. Two queries."""
    required = list(
        ModuleVersion.objects.filter(
            module__cohort=cohort,
            module__is_required=True,
            module__is_withdrawn=False,
            is_current=True,
        )
        .annotate(audience=F("module__audience"))
        .order_by("module__position")
    )
    rows = list(enrolments)
    done = set(
        done_rows(today)
        .filter(enrolment__in=[row.pk for row in rows])
        .values_list("enrolment_id", "module_id")
    )
    return [
        Learner(
            row,
            [
                delivered(version.title)
                for version in required
                if version.audience in (row.role, Audience.BOTH)
                and (row.pk, version.module_id) not in done
            ],
        )
        for row in rows
    ]


def trained_count(cohort: Cohort, *, today: date) -> int:
    """Return how many people of the pool have finished everything that is required of them."""
    open_ids = open_required(cohort, today=today).values("pk")
    return cohort.enrolments.in_pool().exclude(pk__in=open_ids).count()
