"""How this app's rows find the kept account when two become one."""

from __future__ import annotations

from accounts import merging
from accounts.merging import Merge, rewire
from programs.models import Cover


def register() -> None:
    merging.move("programs.Lesson.written_by")
    merging.by_hand(
        "programs.Cover",
        covers=("programs.Cover.away", "programs.Cover.covered_by"),
        carry=_covers,
    )


def _covers(merge: Merge) -> int:
    """Carry who stands in for whom; nobody stands in for themselves."""
    both = (merge.keep, merge.double)
    Cover.objects.filter(away__in=both, covered_by__in=both).delete()
    old, new = merge.double.pk, merge.keep.pk
    away = rewire("programs.Cover.away", old=old, new=new)
    return away + rewire("programs.Cover.covered_by", old=old, new=new)
