"""The criteria: what makes a good pair. Importing this package fills the registry."""

from matching.engine.criteria import answers, overlap, text, traits
from matching.engine.criteria.base import CRITERIA, Measure

__all__ = ["CRITERIA", "Measure", "answers", "overlap", "text", "traits"]
