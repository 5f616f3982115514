"""The hard rules: what no pair may break. Importing this package fills the registry."""

from matching.engine.rules import equality, limits, people
from matching.engine.rules.base import ALWAYS_ON, NEVER_OVERRIDDEN, RULES, HardRule

__all__ = ["ALWAYS_ON", "NEVER_OVERRIDDEN", "RULES", "HardRule", "equality", "limits", "people"]
