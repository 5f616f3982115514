from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from goals.models import Goal
from goals.services import GoalText, set_goal
from tests.conftest import NOW


@pytest.fixture
def make_goal(cast, at_now) -> Callable[..., Goal]:
    """Return a function that sets a goal of the mentee's, shared with the mentor."""

    def make(*, who: str = "mentee", visibility: str = "us", **words: Any) -> Goal:
        text = GoalText(**{"title": "zebra-title", **words})
        return set_goal(
            match=cast.match, actor=getattr(cast, who), now=NOW, visibility=visibility, text=text
        )

    return make


def typed(**values: Any) -> dict[str, Any]:
    """Return what a browser sends for the form of a goal."""
    return {"title": "Lead a project", "visibility": "us", **values}
