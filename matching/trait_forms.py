"""What somebody agrees to have compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from matching.models import PairingTrait
from programs.wording import delivered


class TraitsForm(forms.Form):
    """One choice for each trait, empty by itself, and the consent for all of them."""

    mark_optional = False
    agrees = forms.BooleanField(
        label=_("I agree that the pairing compares what I chose here."),
        help_text=_("With those alone who agree to the same. You can take it back at any time."),
        required=False,
    )

    def __init__(
        self,
        *args: Any,
        traits: Sequence[PairingTrait],
        told: Mapping[int, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.names = {f"trait{trait.pk}": trait.pk for trait in traits}
        for trait in traits:
            self.fields[f"trait{trait.pk}"] = forms.ChoiceField(
                label=delivered(trait.label),
                help_text=delivered(trait.help_text),
                required=False,
                initial=told.get(trait.pk, ""),
                choices=[
                    ("", _("Not compared")),
                    *((choice, delivered(choice)) for choice in trait.choices),
                ],
            )
        self.fields["agrees"].initial = bool(told)

    def asked(self) -> list[BoundField]:
        return [self[name] for name in self.names]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if any(values.get(name) for name in self.names) and not values.get("agrees"):
            self.add_error("agrees", _("Tick that you agree, or leave out what you chose."))
        return values

    def values(self) -> dict[str, Any]:
        """Return the arguments of the service."""
        data = self.cleaned_data
        choices = {pk: data.get(name, "") for name, pk in self.names.items()}
        return {"choices": choices, "agrees": data["agrees"]}
