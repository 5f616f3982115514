"""Short questions to one person: check-ins, how a match fits, and the pulse."""

from feedback.models.check_ins import CheckIn, CheckInAnswer, CheckInStatus
from feedback.models.fit import FitAnswer, FitQuestion, FitStatus, FitWords
from feedback.models.pulse import SCALES, Pulse, PulseStatus, PulseWords
from feedback.models.readings import AnswerReading

__all__ = [
    "SCALES",
    "AnswerReading",
    "CheckIn",
    "CheckInAnswer",
    "CheckInStatus",
    "FitAnswer",
    "FitQuestion",
    "FitStatus",
    "FitWords",
    "Pulse",
    "PulseStatus",
    "PulseWords",
]
