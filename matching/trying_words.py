"""What a scenario would change, in the words of pairs, of peers, or of circles."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from matching.models import PairingRun

Text = str | Promise


class PairWords:
    """Mentees, each with a mentor."""

    kept: Text = gettext_lazy("Everybody keeps their mentor")
    placed: Text = gettext_lazy("Mentees with a mentor")
    weakest: Text = gettext_lazy("Weakest pair")
    load: Text = gettext_lazy("Mentees a mentor")
    others: Text = gettext_lazy("Change mentor")
    people: Text = gettext_lazy("Mentees")
    same: Text = gettext_lazy("Under these weights the same pairs are best.")
    departments: Text = gettext_lazy(
        "Mentees of each department, and the average score of their pairs. Departments of fewer "
        "than five are combined."
    )
    fit: Text = gettext_lazy("Pairs below %(points)d of 100 are held for you to decide.")
    has_holds = True

    def made(self, groups: int, placed: int) -> str:
        return _count(ngettext("%(count)d pair.", "%(count)d pairs.", groups), groups)

    def more(self, count: int) -> str:
        return _count(
            ngettext(
                "%(count)d mentee more has a mentor.",
                "%(count)d mentees more have a mentor.",
                count,
            ),
            count,
        )

    def fewer(self, count: int) -> str:
        return _count(
            ngettext(
                "%(count)d mentee more would wait.", "%(count)d mentees more would wait.", count
            ),
            count,
        )

    def moved(self, count: int) -> str:
        return _count(
            ngettext(
                "%(count)d mentee would have another mentor.",
                "%(count)d mentees would have another mentor.",
                count,
            ),
            count,
        )

    def moved_in_short(self, count: int) -> str:
        return _count(ngettext("%(count)d other mentor", "%(count)d other mentors", count), count)

    def gained_in_short(self, count: int) -> str:
        return _count(ngettext("%(count)d gains a mentor", "%(count)d gain a mentor", count), count)

    def share(self, count: int) -> str:
        return _count(_("%(count)d %% have a mentor"), count)

    def held(self, count: int) -> str:
        return _count(
            ngettext(
                "%(count)d pair would lie below the minimum fit and be held for you to decide.",
                "%(count)d pairs would lie below the minimum fit and be held for you to decide.",
                count,
            ),
            count,
        )

    def locked(self, count: int) -> str:
        return _count(
            ngettext("%(count)d is locked and stays.", "%(count)d are locked and stay.", count),
            count,
        )

    def broken(self, people: int) -> str:
        """Say how many pairs break a rule; ``people`` are those whose place does."""
        return _count(
            ngettext(
                "%(count)d pair of the draft breaks a rule of this scenario.",
                "%(count)d pairs of the draft break a rule of this scenario.",
                people,
            ),
            people,
        )

    def weakest_then(self, then: int, now: int) -> str:
        said = _("The weakest pair would reach %(then)d of 100; it reaches %(now)d today.")
        return said % {"then": then, "now": now}


class PeerWords(PairWords):
    """People, each with a partner; a pair is counted once, its people both."""

    kept = gettext_lazy("Everybody keeps their partner")
    placed = gettext_lazy("People with a partner")
    load = ""
    others = gettext_lazy("Change partner")
    people = gettext_lazy("People")
    departments = gettext_lazy(
        "People of each department, and the average score of their pairs. Departments of fewer "
        "than five are combined."
    )

    def more(self, count: int) -> str:
        return _count(
            ngettext(
                "%(count)d person more has a partner.",
                "%(count)d people more have a partner.",
                count,
            ),
            count,
        )

    def fewer(self, count: int) -> str:
        return _count(
            ngettext(
                "%(count)d person more would wait.", "%(count)d people more would wait.", count
            ),
            count,
        )

    def moved(self, count: int) -> str:
        return _count(
            ngettext(
                "%(count)d person would have another partner.",
                "%(count)d people would have another partner.",
                count,
            ),
            count,
        )

    def moved_in_short(self, count: int) -> str:
        return _count(
            ngettext("%(count)d with another partner", "%(count)d with other partners", count),
            count,
        )

    def gained_in_short(self, count: int) -> str:
        return _count(
            ngettext("%(count)d gains a partner", "%(count)d gain a partner", count), count
        )

    def share(self, count: int) -> str:
        return _count(_("%(count)d %% have a partner"), count)

    def broken(self, people: int) -> str:
        return super().broken(people // 2)


class CircleWords(PairWords):
    """Mentees, each with a seat in a circle of some mentors."""

    kept = gettext_lazy("Everybody keeps their mentors")
    placed = gettext_lazy("Mentees with a seat")
    weakest = gettext_lazy("Weakest seat")
    others = gettext_lazy("Change circle")
    same = gettext_lazy("Under these weights the same circles are best.")
    departments = gettext_lazy(
        "Mentees of each department, and the average score of their seats. Departments of fewer "
        "than five are combined."
    )
    fit = gettext_lazy("Nobody sits with a mentor whom they fit less than %(points)d of 100.")
    has_holds = False

    def made(self, groups: int, placed: int) -> str:
        circles = _count(ngettext("%(count)d circle,", "%(count)d circles,", groups), groups)
        seated = ngettext("%(count)d mentee seated.", "%(count)d mentees seated.", placed)
        return f"{circles} {_count(seated, placed)}"

    def more(self, count: int) -> str:
        return _count(
            ngettext(
                "%(count)d mentee more has a seat.", "%(count)d mentees more have a seat.", count
            ),
            count,
        )

    def moved(self, count: int) -> str:
        return _count(
            ngettext(
                "%(count)d mentee would sit with other mentors.",
                "%(count)d mentees would sit with other mentors.",
                count,
            ),
            count,
        )

    def moved_in_short(self, count: int) -> str:
        return _count(
            ngettext("%(count)d in another circle", "%(count)d in other circles", count), count
        )

    def gained_in_short(self, count: int) -> str:
        return _count(ngettext("%(count)d gains a seat", "%(count)d gain a seat", count), count)

    def share(self, count: int) -> str:
        return _count(_("%(count)d %% have a seat"), count)

    def locked(self, count: int) -> str:
        return _count(
            ngettext(
                "%(count)d circle is locked and stays.",
                "%(count)d circles are locked and stay.",
                count,
            ),
            count,
        )

    def broken(self, people: int) -> str:
        return _count(
            ngettext(
                "%(count)d seat of the draft breaks a rule of this scenario.",
                "%(count)d seats of the draft break a rule of this scenario.",
                people,
            ),
            people,
        )

    def weakest_then(self, then: int, now: int) -> str:
        said = _("The weakest seat would reach %(then)d of 100; it reaches %(now)d today.")
        return said % {"then": then, "now": now}


def words_of(run: PairingRun) -> PairWords:
    """Return the words for what a run makes."""
    if run.is_of_peers:
        return PeerWords()
    return CircleWords() if run.is_of_circles else PairWords()


def _count(sentence: str, count: int) -> str:
    return sentence % {"count": count}
