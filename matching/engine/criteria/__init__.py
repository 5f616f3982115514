"""The criteria: what makes a good pair. Importing this package fills the registry."""

from matching.engine.criteria import answers, languages, overlap, text, traits, wanted
from matching.engine.criteria.base import CRITERIA, Measure

__all__ = ["CRITERIA", "Measure", "answers", "languages", "overlap", "text", "traits", "wanted"]
