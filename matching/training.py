"""Who has done the training: told by whatever offers training, unknown while nothing does."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from programs.models import Cohort

Source = Callable[[Cohort], Mapping[int, bool]]
"""Returns for enrolments whether their required training is done; whom it leaves out: not known."""
_sources: list[Source] = []


def register_training(source: Source) -> None:
    """Let the pairing ask a source. Called once, when its app is ready."""
    _sources.append(source)


def has_training() -> bool:
    """Tell whether any source is there; without one no policy offers the rule."""
    return bool(_sources)


def training_done(cohort: Cohort) -> dict[int, bool]:
    """Return by enrolment whether the training is done; with several sources, in all of them."""
    found: dict[int, bool] = {}
    for source in _sources:
        for enrolment_id, done in source(cohort).items():
            found[enrolment_id] = done and found.get(enrolment_id, True)
    return found
