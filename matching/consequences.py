"""What a change to a cohort does to its matches."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programs.consequences import Changes
from programs.models import Cohort


def of_matches(cohort: Cohort, changes: Changes) -> Iterable[str]:
    count = cohort.matches.exclude(status="ended").count()
    if not count:
        return
    if "rhythm_days" in changes:
        before, after = changes["rhythm_days"]
        yield ngettext(
            "%(count)d match is asked after %(after)d days instead of %(before)d, and its health "
            "is judged by that from the next hour on.",
            "%(count)d matches are asked after %(after)d days instead of %(before)d, and their "
            "health is judged by that from the next hour on.",
            count,
        ) % {"count": count, "before": before, "after": after}
    if "has_check_ins" in changes:
        yield (
            ngettext(
                "The people of %(count)d match get check-ins from now on.",
                "The people of %(count)d matches get check-ins from now on.",
                count,
            )
            if changes["has_check_ins"][1]
            else ngettext(
                "The people of %(count)d match get no more check-ins; open ones can be answered.",
                "The people of %(count)d matches get no more check-ins; open ones can be answered.",
                count,
            )
        ) % {"count": count}
    if changes.get("managers_see_goals", (None, None))[1] is False:
        yield _("Goals that were shown to you are hidden again; the match keeps them.")
    if "ends_on" in changes:
        yield ngettext(
            "%(count)d match works towards the new last day.",
            "%(count)d matches work towards the new last day.",
            count,
        ) % {"count": count}
    if "agreement_clauses" in changes:
        signed = cohort.matches.filter(agreement_versions__signatures__isnull=False)
        yield ngettext(
            "Drafts of agreements change; %(count)d that is signed stays as it is.",
            "Drafts of agreements change; %(count)d that are signed stay as they are.",
            signed.distinct().count(),
        ) % {"count": signed.distinct().count()}
