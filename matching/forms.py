"""Forms of the review page and of the policy in the admin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from matching.labels import criterion_key, criterion_label, rule_label
from matching.listing import HandChoice
from matching.models import AIM_HELP, Objective, aim_refusal
from programs.models import Cohort


class MentorForm(forms.Form):
    """Choose a mentor among those with a seat left."""

    mentor = forms.TypedChoiceField(
        label=_("Mentor"),
        coerce=int,
        error_messages={
            "required": _("Choose a mentor."),
            "invalid_choice": _("This mentor has no seat left. Choose another one."),
        },
    )

    def __init__(
        self, *args: Any, choices: list[HandChoice], is_of_peers: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.mentors = {choice.mentor.pk: choice.mentor for choice in choices}
        field: Any = self.fields["mentor"]
        field.choices = [
            ("", _("Choose a person") if is_of_peers else _("Choose a mentor")),
            *((choice.mentor.pk, choice.label) for choice in choices),
        ]
        if is_of_peers:
            field.label = _("Peer")
            field.error_messages |= {
                "required": _("Choose a person."),
                "invalid_choice": _("This person is in a pair by now. Choose somebody else."),
            }

    @property
    def chosen(self) -> Any:
        return self.mentors[self.cleaned_data["mentor"]]


class HandForm(MentorForm):
    """Pair by hand; a reason lets the pair past a rule that may be overridden."""

    override_reason = forms.CharField(
        label=_("Why this pair all the same"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Managers of this program read it; the two people do not."),
    )


class ScenarioForm(forms.Form):
    """A draft's policy with its weights as sliders, its rules as switches, and its aim.

    ``snapshot`` is what the draft was computed with, ``shown`` what was tried last. Aims that the
    cohort's format does not know are left out.
    """

    use_required_attribute = False  # HTML knows no slider without a value

    def __init__(
        self,
        snapshot: Mapping[str, Any],
        data: Any = None,
        *,
        cohort: Cohort,
        shown: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, auto_id="if_%s")
        aims = [aim for aim in Objective.choices if not aim_refusal(cohort, str(aim[0]))]
        knows_all = len(aims) == len(Objective.choices)
        self.fields["objective"] = forms.ChoiceField(
            label=_("Aim"), choices=aims, help_text=AIM_HELP if knows_all else ""
        )
        shown = shown or snapshot
        self.fields["objective"].initial = shown["objective"]
        weights = {criterion_key(row): row["weight"] for row in shown["criteria"]}
        rules = [row["kind"] for row in shown["rules"]]
        self.weight_names: dict[str, str] = {}
        self.rule_names: dict[str, str] = {}
        for place, row in enumerate(snapshot["criteria"]):
            name, key = f"weight{place}", criterion_key(row)
            self.weight_names[name] = key
            self.fields[name] = forms.IntegerField(
                label=criterion_label(row),
                min_value=0,
                max_value=100,
                initial=weights.get(key, 0),
                widget=forms.NumberInput(attrs={"type": "range", "step": 1}),
            )
        for row in snapshot["rules"]:
            name = f"rule_{row['kind']}"
            self.rule_names[name] = row["kind"]
            self.fields[name] = forms.BooleanField(
                label=rule_label(row), required=False, initial=row["kind"] in rules
            )

    def weights(self) -> list[forms.BoundField]:
        return [self[name] for name in self.weight_names]

    def rules(self) -> list[forms.BoundField]:
        return [self[name] for name in self.rule_names]

    def clean(self) -> dict[str, Any]:
        """Return the arguments of the service: weights by criterion, rules that hold, the aim."""
        values = super().clean() or self.cleaned_data
        weights = {key: values[name] for name, key in self.weight_names.items() if name in values}
        if not self.errors and not any(weights.values()):
            raise forms.ValidationError(_("Give at least one criterion a weight above 0."))
        return {
            "weights": weights,
            "rules": [kind for name, kind in self.rule_names.items() if values.get(name)],
            "objective": values.get("objective", ""),
        }
