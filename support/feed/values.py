"""From the cells of an HR list to values: those of an import, days, and where somebody stands."""

from __future__ import annotations

import re
from typing import Any

from participants.importing.values import DATE_PARTS, CellProblem, Reader, day_of, one_line
from participants.importing.words import word_key
from support.feed.targets import DAYS

HERE, LEFT, AWAY, MOVED = "here", "left", "away", "moved"
NEVER = "never"
YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
LAST_YEAR = 2200
WORDS = {
    HERE: "active|employed|current|here|working|yes|y|1|new|new hire|hire|hired|joiner|join|joined"
    "|returned|back|return|aktiv|beschaftigt|ja|neu|eintritt|ruckkehr|zuruck",
    LEFT: "left|leaver|leaving|leaves|terminated|termination|inactive|resigned|retired|exit|gone"
    "|former|no|n|0|ausgeschieden|ausgetreten|austritt|inaktiv|nein|ruhestand|gekundigt",
    AWAY: "leave|on leave|away|absent|absence|parental leave|maternity leave|sabbatical|sick leave"
    "|loa|leave of absence|beurlaubt|elternzeit|mutterschutz|abwesend|in elternzeit"
    "|sonderurlaub|krank",
    MOVED: "mover|move|moved|transfer|transferred|change|changed|changes|manager change|promotion"
    "|promoted|update|wechsel|versetzung|anderung|beforderung|neue fuhrungskraft",
}
STANDS = {word: state for state, words in WORDS.items() for word in words.split("|")}


class FeedReader(Reader):
    """Reads what an import reads, and what HR adds."""

    def value(self, target: str, text: str, index: int = 0) -> Any:
        if target in DAYS:
            if target != "leave_from" and _is_never(text):
                return NEVER
            return day_of(text, day_first=self.day_first.get(index)).isoformat()
        if target == "status":
            state = STANDS.get(" ".join(word_key(text).replace("-", " ").split()))
            if state is None:
                raise CellProblem("status_unknown", value=one_line(text)[:60])
            return state
        return super().value(target, text, index)


def _is_never(text: str) -> bool:
    """Tell whether a day stands for none, as 9999-12-31 does in a contract without an end."""
    year = YEAR.search(text)
    return bool(year and int(year[0]) > LAST_YEAR and DATE_PARTS.fullmatch(text.strip()))
