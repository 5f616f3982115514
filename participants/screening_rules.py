"""The rule that triggers ask: has somebody passed what their program asks for?"""

from __future__ import annotations

OPEN_STEP = """
    SELECT 1 FROM programs_screeningstep s JOIN programs_cohort c ON c.program_id = s.program_id
    WHERE c.id = {cohort} AND s.is_asked AND s.audience IN ({role}, 'both')
      AND NOT EXISTS (
          SELECT 1 FROM participants_screeningresult r
          WHERE r.step_id = s.id AND r.user_id = {user}
            AND (r.state = 'waived' OR (
                r.state = 'passed' AND r.edition = s.edition
                AND (r.holds_until IS NULL OR r.holds_until >= {day})))
      )
"""

_OPEN = OPEN_STEP.format(
    cohort="NEW.cohort_id", role="NEW.role", user="NEW.user_id", day="NEW.status_changed_at::date"
)
# A yes to somebody who waits for one. Who was in and comes back, from a pause or from a withdrawal
# of their own, keeps that yes; the pairing asks again.
SCREENED = f"""
    IF OLD.status = 'withdrawn' AND OLD.left_status IN ('enrolled', 'paused') THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT 1 FROM programs_cohort c JOIN programs_program p ON p.id = c.program_id
        WHERE c.id = NEW.cohort_id AND p.screens_before_yes
    ) AND EXISTS ({_OPEN}) THEN
        RAISE EXCEPTION 'enrolment_unscreened: a screening step is open'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""  # noqa: S608 (constants only)
