"""Programs: what an organisation runs, and in which format."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from programs.models.externals import HAS_EXTERNALS, KEEPS_EXTERNALS, TakesExternals
from programs.models.line_managers import TELLS_LINE_MANAGERS
from programs.querysets import ProgramQuerySet
from programs.triggers import BECOMES_DISCREET_ONLY_UNTOLD, FORMAT_STAYS, MINORS_FIND_STEPS


class ProgramFormat(models.TextChoices):
    ONE_TO_ONE = "one_to_one", _("One to one")
    REVERSE = "reverse", _("Reverse: juniors mentor seniors")
    FLASH = "flash", _("Flash: short and focused")
    PEER = "peer", _("Peers: two equals, no mentors")
    GROUP = "group", _("Circles: one to three mentors with several mentees")


FORMAT_IS_SET = _("People of this program have been paired. Set up another program instead.")
MENTORS_ARE_ENROLLED = _(
    "Mentors are enrolled in a cohort of it; peers have none. Set up another program instead."
)


class Program(TakesExternals):
    """What an organisation runs: objectives, format, managers."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    objectives = models.TextField(
        _("objectives"),
        blank=True,
        help_text=_("What should be different afterwards? Reports measure against this."),
    )
    format = models.CharField(
        _("format"),
        max_length=20,
        choices=ProgramFormat,
        default=ProgramFormat.ONE_TO_ONE,
        help_text=_(
            "In a program of peers everybody enrols alike, and a match is two of them who learn "
            "from each other. A circle is a match of one to three mentors with three to eight "
            "mentees. In a reverse program the usual policy looks for mentors who stand below "
            "their mentees; in a flash program for who knows and has time, in any department, and "
            "a match ends by itself a week after its last meeting. The format stays once people "
            "have been paired."
        ),
    )
    contact_name = models.CharField(
        _("contact"),
        max_length=120,
        blank=True,
        help_text=_("Whom participants may ask. Shown on their pages and in mails."),
    )
    contact_email = models.EmailField(_("contact e-mail"), blank=True)
    consent_text = models.TextField(
        _("what people agree to"),
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "In plain words: what is kept, who reads it, for how long. Asked when somebody joins; "
            "a changed text is asked again. Empty means our usual text."
        ),
    )
    is_discreet = models.BooleanField(
        _("keep its name and its people to its managers"),
        default=False,
        db_default=False,
        help_text=_(
            "For programs that nobody should be seen in, for example a return after illness. HR "
            "reports, exports and the pages of IT then leave it out. Its participants and its "
            "managers see it as usual. Choose a name that says nothing: it stands in their mails."
        ),
    )
    has_minors = models.BooleanField(
        _("people under 18 take part"),
        default=False,
        db_default=False,
        help_text=_(
            "A cohort then opens only when mentors have three screening steps: a reference, a code "
            "of conduct and a background check."
        ),
    )
    screens_before_yes = models.BooleanField(
        _("say yes only to who has passed"),
        default=True,
        db_default=True,
        help_text=_(
            "On: nobody who signs up is let in while a screening step is open. Off: they may be "
            "in, and wait there. Nobody is paired while a step is open, either way."
        ),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = ProgramQuerySet.as_manager()

    class Meta:
        verbose_name = _("program")
        verbose_name_plural = _("programs")
        ordering = ("name",)
        triggers = (
            BECOMES_DISCREET_ONLY_UNTOLD,
            KEEPS_EXTERNALS,
            FORMAT_STAYS,
            MINORS_FIND_STEPS,
        )

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.is_discreet and self.pk and self.cohorts.telling_line_managers().exists():
            raise ValidationError({"is_discreet": TELLS_LINE_MANAGERS})
        if self.pk and self.has_externals_beyond():
            raise ValidationError({"externals": HAS_EXTERNALS})
        if self.pk:
            self._refuse_format()

    def _refuse_format(self) -> None:
        """Refuse another format once people are paired, and peers where mentors are enrolled."""
        before = Program.objects.only("format").get(pk=self.pk).format
        if before == self.format:
            return
        if self.cohorts.filter(Q(runs__isnull=False) | Q(matches__isnull=False)).exists():
            raise ValidationError({"format": FORMAT_IS_SET})
        if self.is_of_peers and self.cohorts.filter(enrolments__role="mentor").exists():
            raise ValidationError({"format": MENTORS_ARE_ENROLLED})

    @property
    def is_of_peers(self) -> bool:
        return bool(self.format == ProgramFormat.PEER)

    @property
    def is_of_circles(self) -> bool:
        return bool(self.format == ProgramFormat.GROUP)
