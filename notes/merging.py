"""How notes find the kept account when two become one. Nobody reads them on the way."""

from __future__ import annotations

from accounts import merging
from accounts.merging import Merge, rewire
from notes.models import Reflection


def register() -> None:
    merging.move("notes.OwnNote.author", "notes.SharedNote.created_by")
    merging.move(
        "notes.SharedNoteVersion.written_by", past=("notes.SharedNoteVersion:keep_versions",)
    )
    merging.by_hand(
        "notes.Reflection.author", covers=("notes.Reflection.author",), carry=_reflections
    )


def _reflections(merge: Merge) -> int:
    """Put two answers to one question under each other: both are the person's own words."""
    kept = {row.phase_id: row for row in Reflection.objects.filter(author=merge.keep)}
    count = 0
    for row in Reflection.objects.filter(author=merge.double, phase__in=list(kept)):
        answer = kept[row.phase_id]
        answer.text = f"{answer.text}\n\n{row.text}"
        answer.changed_at = max(answer.changed_at, row.changed_at)
        answer.save(update_fields=["text", "changed_at"])
        row.delete()
        count += 1
    return count + rewire("notes.Reflection.author", old=merge.double.pk, new=merge.keep.pk)
