"""How forms look: the renderer of the project and the widgets the pages share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.template import loader

from core.errors import DomainError


class Renderer(DjangoTemplates):
    """Render our own form templates with the project's engine, the widgets with Django's.

    The admin's widgets keep their own templates: only names under ``forms/`` are ours.
    """

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"

    def get_template(self, template_name: str) -> Any:
        if template_name.startswith("forms/"):
            return loader.get_template(template_name)
        return super().get_template(template_name)


class ChoiceChips(forms.RadioSelect):
    """Radio buttons drawn as chips, or as faces with ``mood``.

    ``icons`` maps values to icon names, ``columns`` is "", "three" or "five". The empty choice of
    an optional field is left out: no chip chosen means no answer. Give the field no ``initial``,
    so that nothing is chosen for the person.
    """

    template_name = "forms/chips.html"

    def __init__(
        self,
        attrs: dict[str, Any] | None = None,
        choices: Iterable[Any] = (),
        *,
        icons: Mapping[str, str] | None = None,
        columns: str = "",
        mood: bool = False,
    ) -> None:
        super().__init__(attrs, choices)
        self.icons = dict(icons or {})
        self.columns = columns
        self.mood = mood

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        groups = super().optgroups(name, value, attrs)
        for _label, options, _index in groups:
            options[:] = [option for option in options if str(option["value"]) != ""]
        return [group for group in groups if group[1]]

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        return {**option, "icon": self.icons.get(str(value), "")}

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"].update(columns=self.columns, mood=self.mood)
        return context


class DateInput(forms.DateInput):
    """The browser's own date picker; always ISO inside, shown in the person's format."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class TimeInput(forms.TimeInput):
    """The browser's own time picker, in steps of five minutes."""

    input_type = "time"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"step": 300, **(attrs or {})}, format="%H:%M")


class DateTimeInput(forms.DateTimeInput):
    """The browser's own picker for a day and a time."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class Switch(forms.CheckboxInput):
    """A tick box drawn as a switch, with its label in front."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"role": "switch", "class": "switch", **(attrs or {})})


def kind(bound: BoundField) -> str:
    """Say which layout a field needs: chips, switch, tick, ticks, select or input."""
    widget = bound.field.widget
    layouts = (
        (ChoiceChips, "chips"),
        (Switch, "switch"),
        (forms.CheckboxInput, "tick"),
        ((forms.RadioSelect, forms.CheckboxSelectMultiple), "ticks"),
        (forms.SelectMultiple, "input"),
        (forms.Select, "select"),
    )
    for classes, name in layouts:
        if isinstance(widget, classes):
            return name
    return "input"


def styled(bound: BoundField) -> str:
    """Render the widget of a field with the class that gives it our look."""
    if kind(bound) not in {"input", "select"}:
        return bound.as_widget()
    own = bound.field.widget.attrs.get("class", "")
    return bound.as_widget(attrs={"class": f"input {own}".strip()})


def _target(bound: BoundField) -> str:
    """Return the id of the control that an error of this field should lead to."""
    if bound.use_fieldset:
        first = next(iter(bound.subwidgets), None)
        return (first.id_for_label or "") if first else ""
    return bound.id_for_label


def problems(form: forms.BaseForm) -> Iterator[dict[str, Any]]:
    """Yield each error of a form: its text, the field's label and the id to go to."""
    for message in form.non_field_errors():
        yield {"text": message, "label": "", "target": ""}
    for bound in form:
        for message in bound.errors:
            yield {
                "text": message,
                "label": "" if bound.is_hidden else bound.label,
                "target": "" if bound.is_hidden else _target(bound),
            }


def all_problems(things: Iterable[Any]) -> list[dict[str, Any]]:
    """Collect the errors of forms and formsets that have been submitted."""
    found: list[dict[str, Any]] = []
    for thing in things:
        if not thing or not thing.is_bound:
            continue
        if isinstance(thing, forms.BaseFormSet):
            found += [{"text": text, "label": "", "target": ""} for text in thing.non_form_errors()]
            found += all_problems(thing.forms)
        else:
            found += problems(thing)
    return found


def take_refusal(form: forms.BaseForm, error: DomainError, *, instead: str = "") -> None:
    """Put a refusal beside its field, else beside ``instead``, else on top of the form."""
    field = next((name for name in (error.field, instead) if name and name in form.fields), None)
    form.add_error(field, str(error))
