"""Whether a program takes people from outside the organisation, and what they agree to."""

from __future__ import annotations

import pgtrigger
from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _


class ExternalsRule(models.TextChoices):
    """In which roles a program takes people from outside."""

    NOBODY = "nobody", _("nobody")
    MENTORS = "mentors", _("mentors")
    BOTH = "both", _("mentors and mentees")


HAS_EXTERNALS = _("People from outside are in a cohort of this program. Withdraw them first.")

# Enrolling somebody from outside holds the program, so that it does not close to them meanwhile.
KEEPS_EXTERNALS = pgtrigger.Trigger(
    name="keeps_externals",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("externals"),
    condition=pgtrigger.Q(new__externals__df=pgtrigger.F("old__externals")),
    func="""
        IF EXISTS (
            SELECT 1 FROM participants_enrolment e
            JOIN programs_cohort c ON c.id = e.cohort_id
            JOIN accounts_user u ON u.id = e.user_id
            WHERE c.program_id = NEW.id AND u.is_external
              AND e.status NOT IN ('withdrawn', 'declined')
              AND c.status NOT IN ('completed', 'archived')
              AND NEW.externals <> 'both'
              AND NOT (NEW.externals = 'mentors' AND e.role = 'mentor')
        ) THEN
            RAISE EXCEPTION 'program_externals: people from outside are in a cohort of it'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)


class TakesExternals(models.Model):
    """The part of a program that is about people from outside."""

    externals = models.CharField(
        _("people from outside may be"),
        max_length=8,
        choices=ExternalsRule,
        default=ExternalsRule.NOBODY,
        db_default=ExternalsRule.NOBODY,
        help_text=_(
            "Alumni, retired colleagues, a partner firm: their accounts end on a day, and they see "
            "their own matches only. A mentee gets a mentor from outside only after a yes."
        ),
    )
    confidentiality_text = models.TextField(
        _("what people from outside agree to"),
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "For example that they keep to themselves what they hear. Asked at their first "
            "sign-in, before anything else; a changed text is asked again. Empty asks nothing."
        ),
    )

    class Meta:
        abstract = True

    def takes_externals_as(self, role: str) -> bool:
        """Tell whether people from outside may take part in this role."""
        return self.externals == ExternalsRule.BOTH or (
            self.externals == ExternalsRule.MENTORS and role == "mentor"
        )

    def has_externals_beyond(self) -> bool:
        """Tell whether people from outside are in a cohort of it in a role it does not take."""
        places = apps.get_model("participants", "Enrolment").objects.filter(
            cohort__program=self.pk, user__is_external=True
        )
        open_places = places.exclude(status__in=("withdrawn", "declined")).exclude(
            cohort__status__in=("completed", "archived")
        )
        roles = open_places.values_list("role", flat=True).distinct()
        return any(not self.takes_externals_as(role) for role in roles.order_by())

    @property
    def takes_external_mentors(self) -> bool:
        return self.externals != ExternalsRule.NOBODY
