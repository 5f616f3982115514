"""What a template says about noticing: which signals mean what, and where urgent need goes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from programs.models import Cohort
from programs.services.copying import copy_rows
from programs.templating import Node, Section, Text
from support.models import Effect, HealthRule, HelpGuide
from support.signals import SIGNALS

EFFECTS = {effect.name.lower(): effect for effect in Effect}


@dataclass(frozen=True)
class RuleText:
    signal: str
    effect: int
    number: int | None


@dataclass(frozen=True)
class NoticingText:
    rules: tuple[RuleText, ...]
    signposts: Text | None


def read(node: Node) -> NoticingText:
    fields = node.mapping((), ("rules", "signposts"))
    return NoticingText(
        rules=tuple(_rule(item) for item in fields["rules"].items()) if "rules" in fields else (),
        signposts=fields["signposts"].text() if "signposts" in fields else None,
    )


def _rule(node: Node) -> RuleText:
    fields = node.mapping(("signal", "effect"), ("from",))
    return RuleText(
        signal=fields["signal"].one_of(tuple(SIGNALS)),
        effect=EFFECTS[fields["effect"].one_of(tuple(EFFECTS))],
        number=fields["from"].number(1, 366) if "from" in fields else None,
    )


def apply(cohort: Cohort, text: NoticingText, language: str) -> None:
    """Write the rules of a new cohort, and signposts where its program has none."""
    HealthRule.objects.bulk_create(
        HealthRule(
            cohort=cohort,
            signal=rule.signal,
            effect=rule.effect,
            number=None if rule.number is None else Decimal(rule.number),
        )
        for rule in text.rules
    )
    if text.signposts is not None:
        guide, _is_new = HelpGuide.objects.get_or_create(program=cohort.program)
        if not guide.signposts:
            guide.signposts = text.signposts.in_language(language)
            guide.save(update_fields=["signposts"])


def copy(source: Cohort, cohort: Cohort) -> None:
    copy_rows(HealthRule.objects.filter(cohort=source), cohort=cohort)


SECTION = Section("noticing", read, apply, copy, is_required=False)
