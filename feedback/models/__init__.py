"""Short questions to one person about one match: check-ins, and how it fits."""

from feedback.models.check_ins import CheckIn, CheckInAnswer, CheckInStatus
from feedback.models.fit import FitAnswer, FitQuestion, FitStatus, FitWords

__all__ = [
    "CheckIn",
    "CheckInAnswer",
    "CheckInStatus",
    "FitAnswer",
    "FitQuestion",
    "FitStatus",
    "FitWords",
]
