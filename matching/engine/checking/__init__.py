"""The checker: plain loops over single pairs, sharing no code with scoring or solver."""

from matching.engine.checking.circles import check_circles
from matching.engine.checking.equals import check_peers
from matching.engine.checking.solution import check

__all__ = ["check", "check_circles", "check_peers"]
