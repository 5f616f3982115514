"""The policy's rows in the admin: what is wrong, and what to write instead."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.forms import PaginationInlineFormSet
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.models import User
from matching.engine import CRITERIA, EngineError, People, Pool
from matching.models import (
    CriterionKind,
    DoNotPair,
    PairingTrait,
    PolicyCriterion,
    PolicyRule,
    RuleKind,
)
from matching.services.policy import ENGINE_CRITERIA
from matching.services.traits import delete_trait
from participants.models import Enrolment
from programs.models import Cohort, Question

LONGEST_CHOICE = 200
MOST_HOURS = 168
OPPOSITES = (
    (RuleKind.SAME_DEPARTMENT, RuleKind.DIFFERENT_DEPARTMENT),
    (RuleKind.SAME_LOCATION, RuleKind.DIFFERENT_LOCATION),
)
SET_ELSEWHERE = {"question", "trait"}
ASKED = (CriterionKind.ANSWER, CriterionKind.TRAIT)


def known_params(kind: str) -> list[str]:
    """Return the details that a criterion understands, as they are written in the policy."""
    names = set(CRITERIA[ENGINE_CRITERIA.get(kind, kind)].all_defaults()) - SET_ELSEWHERE
    if "table" in names:
        names = names - {"table"} | {"gaps"}
    return sorted(names)


def problem_with_params(kind: str, params: Any) -> str:
    """Return what is wrong with the details of a criterion, or an empty string."""
    if not isinstance(params, dict):
        return _('Write the details as pairs, for example {"enough_hours": 4}.')
    known = known_params(kind)
    if unknown := sorted(set(params) - set(known)):
        return _("%(unknown)s is not known here. This criterion understands: %(known)s.") % {
            "unknown": ", ".join(unknown),
            "known": ", ".join(known),
        }
    given = {("table" if name == "gaps" else name): value for name, value in params.items()}
    if kind in ASKED:
        given["question" if kind == CriterionKind.ANSWER else "trait"] = "key"
    try:
        CRITERIA[ENGINE_CRITERIA.get(kind, kind)](
            Pool(mentees=People.of([]), mentors=People.of([])), given
        )
    except EngineError as error:
        return str(error)
    return ""


class CriterionForm(forms.ModelForm):
    class Meta:
        model = PolicyCriterion
        fields = ("kind", "weight", "question_key", "params", "reason")
        widgets = {"params": UnfoldAdminTextareaWidget(attrs={"rows": 2})}
        error_messages = {
            "params": {
                "invalid": gettext_lazy('Write this as JSON, for example {"enough_hours": 4}.')
            }
        }

    def clean_params(self) -> Any:
        return self.cleaned_data["params"] or {}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        kind, key = values.get("kind"), values.get("question_key")
        if kind == CriterionKind.ANSWER and not key:
            self.add_error("question_key", _("Write the key of the question whose answers count."))
        if kind == CriterionKind.TRAIT and not key:
            self.add_error("question_key", _("Write the key of the trait that counts."))
        if kind and kind not in ASKED and key:
            self.add_error(
                "question_key",
                _("Only “Answers to a question” and traits have a question. Empty this."),
            )
        if kind and "params" in values and (problem := problem_with_params(kind, values["params"])):
            self.add_error("params", problem)
        return values


class _RowsOfPolicy(PaginationInlineFormSet):
    def kept(self) -> list[forms.ModelForm]:
        """Return the rows that are filled in and not ticked for deletion."""
        return [
            form
            for form in self.forms
            if getattr(form, "cleaned_data", None)
            and form.cleaned_data.get("kind")
            and not form.cleaned_data.get("DELETE")
        ]


class CriteriaFormSet(_RowsOfPolicy):
    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        kept = self.kept()
        if not kept:
            raise forms.ValidationError(
                _("Choose at least one criterion: without any, every pair is as good as another.")
            )
        asked = [form for form in kept if form.cleaned_data.get("question_key")]
        if asked:
            self._check_questions(asked)

    def _check_questions(self, asked: list[forms.ModelForm]) -> None:
        self._check_traits(
            [form for form in asked if form.cleaned_data["kind"] == CriterionKind.TRAIT]
        )
        asked = [form for form in asked if form.cleaned_data["kind"] == CriterionKind.ANSWER]
        keys = sorted(
            Question.objects.filter(
                form__cohort=self.instance.cohort_id, form__is_current=True
            ).values_list("key", flat=True)
        )
        for form in asked:
            if form.cleaned_data["question_key"] in keys:
                continue
            if keys:
                text = _("The enrolment form has no such question. It has: %(keys)s.") % {
                    "keys": ", ".join(keys)
                }
            else:
                text = _("The enrolment form of this cohort has no questions yet.")
            form.add_error("question_key", text)

    def _check_traits(self, asked: list[forms.ModelForm]) -> None:
        traits = PairingTrait.objects.filter(policy_id=self.instance.pk)
        keys = set(traits.values_list("key", flat=True))
        for form in asked:
            if form.cleaned_data["question_key"] not in keys:
                form.add_error(
                    "question_key",
                    _("Write this trait under “Traits by consent” first, save, then let it count."),
                )


class LinesField(forms.CharField):
    """A list of texts, one a line."""

    widget = UnfoldAdminTextareaWidget

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        lines = (line.strip() for line in (super().to_python(value) or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list(initial or []) != self.to_python(data)


class TraitForm(forms.ModelForm):
    """A trait; once somebody agreed to it, it stays as they read it."""

    choices = LinesField(
        label=gettext_lazy("Choices"),
        help_text=gettext_lazy("One a line, two at least."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )

    class Meta:
        model = PairingTrait
        fields = ("key", "label", "help_text", "choices")

    def clean_choices(self) -> list[str]:
        found: list[str] = self.cleaned_data["choices"]
        if len(found) < 2 or any(len(choice) > LONGEST_CHOICE for choice in found):
            raise forms.ValidationError(_("Write two or more short choices, one a line."))
        return found

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if self.instance.pk and self.has_changed() and self.instance.consents.exists():
            raise forms.ValidationError(
                _("Somebody agreed to this as it stands. Delete it, or add another trait instead.")
            )
        return values


class TraitsFormSet(PaginationInlineFormSet):
    def clean(self) -> None:
        super().clean()
        renamed = [form for form in self.initial_forms if "key" in form.changed_data]
        gone = [form.initial["key"] for form in (*renamed, *self.deleted_forms) if form.instance.pk]
        named = PolicyCriterion.objects.filter(
            policy_id=self.instance.pk, kind=CriterionKind.TRAIT, question_key__in=gone
        )
        if named.exists():
            raise forms.ValidationError(
                _(
                    "This trait counts. Remove it under “What counts” first, save, then delete it "
                    "or change its key."
                )
            )

    def delete_existing(self, obj: PairingTrait, commit: bool = True) -> None:
        if commit:
            delete_trait(trait=obj)


class RuleForm(forms.ModelForm):
    class Meta:
        model = PolicyRule
        fields = ("kind", "minimum", "maximum", "reason")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        kind, low, high = values.get("kind"), values.get("minimum"), values.get("maximum")
        if kind == RuleKind.LEVEL_GAP:
            if low is None and high is None and not self.errors:
                self.add_error("minimum", _("Write at least how many levels, or at most."))
        elif kind == RuleKind.SHARED_HOURS:
            if not self.errors and (low is None or not 1 <= low <= MOST_HOURS):
                self.add_error("minimum", _("Write how many hours a week, from 1 to 168."))
            if high is not None:
                self.add_error("maximum", _("Hours have no upper limit. Empty this."))
        elif kind and (low is not None or high is not None):
            self.add_error(None, _("This rule takes no numbers. Empty both."))
        return values


class RulesFormSet(_RowsOfPolicy):
    def clean(self) -> None:
        super().clean()
        kinds = {form.cleaned_data["kind"] for form in self.kept()}
        for one, other in OPPOSITES:
            if {one, other} <= kinds:
                raise forms.ValidationError(
                    _("“%(one)s” and “%(other)s” together leave no pair. Remove one of them.")
                    % {"one": one.label, "other": other.label}
                )


class DoNotPairForm(forms.ModelForm):
    """Two people by their e-mail addresses; who stands first does not matter."""

    one = forms.EmailField(label=gettext_lazy("E-mail of one person"))
    other = forms.EmailField(label=gettext_lazy("E-mail of the other person"))

    class Meta:
        model = DoNotPair
        fields = ()

    actor: User

    def clean_one(self) -> User:
        return self._person(self.cleaned_data["one"])

    def clean_other(self) -> User:
        return self._person(self.cleaned_data["other"])

    def _person(self, email: str) -> User:
        """Return a participant of a program that the actor manages; nobody else is confirmed."""
        cohorts = Cohort.objects.managed_by(self.actor)
        people = User.objects.filter(
            pk__in=Enrolment.objects.filter(cohort__in=cohorts).values("user_id")
        )
        person: User | None = people.filter(email__iexact=email).first()
        if person is None:
            raise forms.ValidationError(
                _("Nobody in your programs has this address. Look at the list of people.")
            )
        return person

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        one, other = values.get("one"), values.get("other")
        if one and other:
            low, high = sorted((one, other), key=lambda person: person.pk)
            if low == high:
                self.add_error("other", _("These are the same person. Write two addresses."))
            elif DoNotPair.objects.filter(low=low, high=high).exists():
                self.add_error("other", _("These two stand in the list already."))
            self.instance.low, self.instance.high = low, high
        return values
