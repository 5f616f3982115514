"""What the database itself refuses about programs and cohorts."""

from __future__ import annotations

import pgtrigger

# The program is held until the transaction ends, so that it does not become discreet meanwhile.
DISCREET_TELLS_NO_LINE_MANAGER = pgtrigger.Trigger(
    name="discreet_tells_no_line_manager",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert
    | pgtrigger.UpdateOf("program_id", "mentee_line_manager", "mentor_line_manager"),
    condition=~pgtrigger.Q(
        new__mentee_line_manager="not_told", new__mentor_line_manager="not_told"
    ),
    declare=[("discreet", "boolean")],
    func="""
        SELECT p.is_discreet INTO discreet FROM programs_program p
        WHERE p.id = NEW.program_id FOR SHARE;
        IF discreet THEN
            RAISE EXCEPTION 'discreet_line_manager: a discreet program tells no line manager'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
BECOMES_DISCREET_ONLY_UNTOLD = pgtrigger.Trigger(
    name="becomes_discreet_only_untold",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("is_discreet"),
    condition=pgtrigger.Q(new__is_discreet=True, old__is_discreet=False),
    func="""
        IF EXISTS (
            SELECT 1 FROM programs_cohort c WHERE c.program_id = NEW.id
            AND (c.mentee_line_manager <> 'not_told' OR c.mentor_line_manager <> 'not_told')
        ) THEN
            RAISE EXCEPTION 'discreet_line_manager: a cohort of it tells line managers'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
SCREENED_WITH_MINORS = pgtrigger.Trigger(
    name="screened_with_minors",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("status"),
    condition=pgtrigger.Q(old__status="draft", new__status="enrolling"),
    func="""
        IF EXISTS (
            SELECT 1 FROM programs_program p WHERE p.id = NEW.program_id AND p.has_minors
        ) AND (
            SELECT count(DISTINCT s.kind) FROM programs_screeningstep s
            WHERE s.program_id = NEW.program_id AND s.is_asked
              AND s.audience IN ('mentor', 'both')
              AND s.kind IN ('reference', 'code', 'background')
        ) < 3 THEN
            RAISE EXCEPTION 'cohort_minors: mentors need all three screening steps'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

# Asked at the end of the transaction: the admin saves the program first, then its steps.
MINORS_FIND_STEPS = pgtrigger.Trigger(
    name="minors_find_steps",
    when=pgtrigger.After,
    operation=pgtrigger.UpdateOf("has_minors"),
    timing=pgtrigger.Deferred,
    condition=pgtrigger.Q(new__has_minors=True, old__has_minors=False),
    func="""
        IF EXISTS (
            SELECT 1 FROM programs_program p JOIN programs_cohort c ON c.program_id = p.id
            WHERE p.id = NEW.id AND p.has_minors
              AND c.status IN ('enrolling', 'pairing', 'active')
        ) AND (
            SELECT count(DISTINCT s.kind) FROM programs_screeningstep s
            WHERE s.program_id = NEW.id AND s.is_asked AND s.audience IN ('mentor', 'both')
              AND s.kind IN ('reference', 'code', 'background')
        ) < 3 THEN
            RAISE EXCEPTION 'step_for_minors: a cohort is open, and mentors need three steps'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    """,
)

# Once pairs were computed or made, another format would give the same rows another meaning. Mentors
# who enrol at this moment hold the program: see participants.triggers.
FORMAT_STAYS = pgtrigger.Trigger(
    name="format_stays",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("format"),
    condition=pgtrigger.Q(new__format__df=pgtrigger.F("old__format")),
    func="""
        IF EXISTS (
            SELECT 1 FROM programs_cohort c WHERE c.program_id = NEW.id
            AND (EXISTS (SELECT 1 FROM matching_pairingrun r WHERE r.cohort_id = c.id)
                 OR EXISTS (SELECT 1 FROM matching_match m WHERE m.cohort_id = c.id))
        ) THEN
            RAISE EXCEPTION 'format_stays: people of this program have been paired'
                USING ERRCODE = 'check_violation';
        END IF;
        IF NEW.format = 'peer' AND EXISTS (
            SELECT 1 FROM participants_enrolment e
            JOIN programs_cohort c ON c.id = e.cohort_id
            WHERE c.program_id = NEW.id AND e.role = 'mentor'
        ) THEN
            RAISE EXCEPTION 'format_mentors: peers have no mentors, and some are enrolled'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
