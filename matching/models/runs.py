"""Computations of pairs, what they propose, and who is left over."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.jobs import Job, JobQuerySet
from matching.querysets import ProposalQuerySet, RunQuerySet, ScenarioQuerySet
from matching.triggers import PEERS_ONCE
from participants.models import Enrolment
from programs.models import Cohort

TOP_SCORE = 1_000_000


class PairingRun(Job):
    """One computation of proposals for a cohort, with its inputs frozen."""

    cohort = models.ForeignKey(
        Cohort, on_delete=models.CASCADE, related_name="runs", verbose_name=_("cohort")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    seed = models.PositiveIntegerField(default=0, editable=False)
    policy_snapshot = models.JSONField(default=dict, editable=False)
    pool_snapshot = models.JSONField(default=dict, editable=False)
    result = models.JSONField(default=dict, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
    )

    task_name = "matching.run_pairing"
    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("pairing run")
        verbose_name_plural = _("pairing runs")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("cohort",),
                condition=Q(status__in=("queued", "running")),
                name="one_open_run_a_cohort",
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort}, {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def is_of_peers(self) -> bool:
        """Tell whether equals are paired; a program's format stays once a run exists."""
        return bool(self.cohort.program.is_of_peers)

    @property
    def is_of_circles(self) -> bool:
        """Tell whether circles are formed: see ``ProposedCircle``."""
        return bool(self.cohort.program.is_of_circles)


class Publication(Job):
    """One attempt to make matches of a draft: carried by a worker, all in one transaction.

    ``result`` says how many matches it made, how many pairs it kept for another manager, and which
    it left out: ids of proposals with the code of a sentence.
    """

    run = models.ForeignKey(
        PairingRun, on_delete=models.CASCADE, related_name="publications", verbose_name=_("run")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    pairs = models.PositiveIntegerField(_("pairs"), editable=False)
    result = models.JSONField(default=dict, editable=False)

    task_name = "matching.run_publication"
    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("publication of pairs")
        verbose_name_plural = _("publications of pairs")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("run",),
                condition=Q(status__in=("queued", "running")),
                name="one_open_publication_a_run",
            ),
        )

    def __str__(self) -> str:
        return f"{self.run_id}, {self.created_at:%Y-%m-%d %H:%M}"


class ProposalState(models.TextChoices):
    PROPOSED = "proposed", _("Proposed")
    LOCKED = "locked", _("Locked")
    HELD = "held", _("Held for a decision")
    REJECTED = "rejected", _("Rejected")
    PUBLISHED = "published", _("Published")


LIVE = (ProposalState.PROPOSED, ProposalState.LOCKED)
"""States of a pair that would be published."""


class ProposedCircle(models.Model):
    """A suggested circle: its mentors are ``leading`` it, its mentees have the ``seats``.

    Dissolved, it leads nowhere: its mentors are free, its seats rejected.
    """

    run = models.ForeignKey(PairingRun, on_delete=models.CASCADE, related_name="circles")
    number = models.PositiveSmallIntegerField(_("number"))

    class Meta:
        verbose_name = _("proposed circle")
        verbose_name_plural = _("proposed circles")
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("run", "number"), name="circle_number_once"),
        )

    def __str__(self) -> str:
        return f"{self.run_id}, {self.number}"


class CircleMentor(models.Model):
    """A mentor of a proposed circle; of one circle in a draft."""

    circle = models.ForeignKey(ProposedCircle, on_delete=models.CASCADE, related_name="leading")
    run = models.ForeignKey(PairingRun, on_delete=models.CASCADE, related_name="+")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("mentor of a proposed circle")
        verbose_name_plural = _("mentors of proposed circles")
        ordering = ("enrolment_id",)
        constraints = (
            models.UniqueConstraint(fields=("run", "enrolment"), name="circle_mentor_once"),
        )

    def __str__(self) -> str:
        return f"{self.circle_id}: {self.enrolment_id}"


class Proposal(models.Model):
    """A suggested mentor and mentee with score and reasons.

    Of peers the one who enrolled first stands as mentee, the other as mentor: it means nothing.
    Where somebody rejected the pair itself, rather than chose others for its people, it
    ``is_refused``. In a ``circle`` it is the seat of the mentee: score and reasons are the mean
    over its mentors, and the first of these stands as mentor.
    """

    run = models.ForeignKey(PairingRun, on_delete=models.CASCADE, related_name="proposals")
    mentee = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    mentor = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=10, choices=ProposalState, default=ProposalState.PROPOSED
    )
    score = models.PositiveIntegerField(_("score"))
    contributions = models.JSONField(default=list)
    is_manual = models.BooleanField(_("chosen by hand"), default=False)
    is_refused = models.BooleanField(default=False, db_default=False, editable=False)
    is_of_peers = models.BooleanField(default=False, db_default=False, editable=False)
    circle = models.ForeignKey(
        ProposedCircle, on_delete=models.CASCADE, null=True, related_name="seats", editable=False
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ("score", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("run", "mentee"),
                condition=~Q(state="rejected"),
                name="proposal_one_a_mentee",
            ),
            models.CheckConstraint(
                condition=Q(score__lte=TOP_SCORE), name="proposal_score_to_a_million"
            ),
            models.CheckConstraint(
                condition=Q(is_refused=False) | Q(state="rejected"),
                name="proposal_refused_is_rejected",
            ),
            models.CheckConstraint(
                condition=Q(is_of_peers=False) | Q(mentee__lt=models.F("mentor")),
                name="proposal_peers_in_order",
            ),
        )
        triggers = (PEERS_ONCE,)

    def __str__(self) -> str:
        return f"{self.mentee_id} – {self.mentor_id}"


class Unmatched(models.Model):
    """Somebody the run found no mentor or mentee for, and what stood in the way."""

    run = models.ForeignKey(PairingRun, on_delete=models.CASCADE, related_name="unmatched")
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=30)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("unmatched person")
        verbose_name_plural = _("unmatched people")
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("run", "enrolment"), name="unmatched_once"),)

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.reason}"


class Scenario(Job):
    """What a draft would be under other weights, rules or another aim; it changes nothing.

    Without a name one per person and draft: trying something else replaces it. With a name it is
    kept for all managers of the cohort, and measured beside the draft and the others by the
    draft's own weights. ``policy_snapshot`` is the run's with what was changed, the pool is the
    run's own.
    """

    run = models.ForeignKey(
        PairingRun, on_delete=models.CASCADE, related_name="scenarios", verbose_name=_("run")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    name = models.CharField(_("name"), max_length=40, blank=True, default="", db_default="")
    policy_snapshot = models.JSONField(default=dict, editable=False)
    result = models.JSONField(default=dict, editable=False)

    task_name = "matching.run_scenario"
    objects = ScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = _("scenario")
        verbose_name_plural = _("scenarios")
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("run", "requested_by"),
                condition=Q(name=""),
                name="one_unnamed_scenario_a_person_and_run",
            ),
            models.UniqueConstraint(
                fields=("run", "name"), condition=~Q(name=""), name="scenario_name_once_a_run"
            ),
        )

    def __str__(self) -> str:
        return f"{self.run_id}, {self.created_at:%Y-%m-%d %H:%M}"
