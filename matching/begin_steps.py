"""What comes first in a new match: four steps, in words. None stops anybody from meeting."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from matching.beginning import Beginning
from matching.models import Match

DONE, NOW, NEXT = "done", "now", "next"


@dataclass(frozen=True)
class BeginStep:
    """One line of the list. ``mine`` says whether it waits for the reader."""

    key: str
    label: str
    text: str
    url: str
    is_done: bool
    is_mine: bool
    state: str = NEXT


@dataclass(frozen=True)
class _Words:
    """What a step says: all done, only the reader has, only others have, nobody has."""

    all_done: str
    waits: str
    yours: str
    nobody: str

    def pick(self, me: int, done: Collection[int], members: Collection[int]) -> str:
        if members and set(members) <= set(done):
            return self.all_done
        if me in done:
            return self.waits
        return self.yours if done else self.nobody


def begin_steps(
    match: Match, beginning: Beginning, *, me: int, names: str, has_met: bool
) -> list[BeginStep]:
    """Return the steps in their order; the first that is not done is the one for now."""
    steps = [
        _confirm(match, beginning, me, names),
        _expectations(match, beginning, me, names),
        _agreement(match, beginning, me, names),
        BeginStep(
            "meet",
            _("First meeting"),
            _("You have met.") if has_met else _("Most pairs meet within ten days."),
            reverse("meetings:list"),
            has_met,
            not has_met,
        ),
    ]
    now = next((step.key for step in steps if not step.is_done), "")
    return [
        BeginStep(
            step.key,
            step.label,
            step.text,
            step.url,
            step.is_done,
            step.is_mine,
            DONE if step.is_done else NOW if step.key == now else NEXT,
        )
        for step in steps
    ]


def is_pair(beginning: Beginning) -> bool:
    """Return whether "both" is the word, and not "all"; of a circle it is counted who has."""
    return len(beginning.members) == 2


def counted(beginning: Beginning, done: Collection[int]) -> dict[str, int]:
    """Return how many of the members have, for the words of a circle."""
    return {"done": len(set(done) & set(beginning.members)), "all": len(beginning.members)}


def _confirm(match: Match, beginning: Beginning, me: int, names: str) -> BeginStep:
    nobody = _("Yes to working together. Not sure? Meet first, this can wait.")
    if is_pair(beginning):
        words = _Words(
            _("You have both said yes."),
            _("You said yes. %(names)s has not yet.") % {"names": names},
            _("%(names)s said yes. Do you?") % {"names": names},
            nobody,
        )
    else:
        count = counted(beginning, beginning.confirmed)
        words = _Words(
            _("You have all said yes."),
            _("You said yes; %(done)d of %(all)d have so far.") % count,
            _("%(done)d of %(all)d have said yes. Do you?") % count,
            nobody,
        )
    return BeginStep(
        "confirm",
        _("Say yes"),
        words.pick(me, beginning.confirmed, beginning.members),
        reverse("together:confirm", args=(match.pk,)),
        beginning.all_confirmed,
        me not in beginning.confirmed,
    )


def _expectations(match: Match, beginning: Beginning, me: int, names: str) -> BeginStep:
    all_done = _("Side by side now, with what is worth a talk.")
    if is_pair(beginning):
        words = _Words(
            all_done,
            _("Yours are in. You see both when %(names)s has answered.") % {"names": names},
            _("%(names)s has answered. You see both when you have, too.") % {"names": names},
            _("Each of you answers alone, five minutes. Then you see both."),
        )
    else:
        count = counted(beginning, beginning.answered)
        words = _Words(
            all_done,
            _("Yours are in; %(done)d of %(all)d are. You see all when everybody has.") % count,
            _("%(done)d of %(all)d have answered. You see all when everybody has.") % count,
            _("Each of you answers alone, five minutes. Then you see all."),
        )
    return BeginStep(
        "expectations",
        _("Compare expectations"),
        words.pick(me, beginning.answered, beginning.members),
        reverse("together:expectations", args=(match.pk,)),
        beginning.all_answered,
        me not in beginning.answered,
    )


def _agreement(match: Match, beginning: Beginning, me: int, names: str) -> BeginStep:
    drafted = _("It is drafted from your answers; you change it together.")
    nobody = _("It is written. Read it and sign.") if beginning.number else drafted
    if is_pair(beginning):
        words = _Words(
            _("Signed by both of you."),
            _("You have signed. %(names)s has not yet.") % {"names": names},
            _("%(names)s has signed. Read it and sign.") % {"names": names},
            nobody,
        )
    else:
        count = counted(beginning, beginning.signed)
        words = _Words(
            _("Signed by all of you."),
            _("You have signed; %(done)d of %(all)d have so far.") % count,
            _("%(done)d of %(all)d have signed. Read it and sign.") % count,
            nobody,
        )
    return BeginStep(
        "agreement",
        _("Sign your agreement"),
        words.pick(me, beginning.signed, beginning.members),
        reverse("together:agreement", args=(match.pk,)),
        beginning.is_signed,
        me not in beginning.signed,
    )
