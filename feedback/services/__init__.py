"""Every write of check-ins, fit questions and pulses."""

from feedback.services.answering import CheckInClosed, answer_check_in
from feedback.services.fit import FitClosed, PlannedFits, answer_fit, plan_fit_questions, say_misfit
from feedback.services.planning import Planned, plan_check_ins
from feedback.services.pulse import PlannedPulses, PulseClosed, answer_pulse, plan_pulses
from feedback.services.reading import note_check_ins_read, note_fits_read

__all__ = (
    "CheckInClosed",
    "FitClosed",
    "Planned",
    "PlannedFits",
    "PlannedPulses",
    "PulseClosed",
    "answer_check_in",
    "answer_fit",
    "answer_pulse",
    "note_check_ins_read",
    "note_fits_read",
    "plan_check_ins",
    "plan_fit_questions",
    "plan_pulses",
    "say_misfit",
)
