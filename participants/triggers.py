"""What the database itself refuses about people of a cohort, and about their line managers."""

from __future__ import annotations

import pgtrigger

TAKES_PART = ("enrolled", "paused")

# Whoever takes part already may pause and come back, whatever the cohort asks for by now.
LINE_MANAGER_FIRST = pgtrigger.Trigger(
    name="line_manager_first",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("status"),
    condition=pgtrigger.Q(new__status__in=TAKES_PART),
    declare=[("rule", "text")],
    func="""
        IF TG_OP = 'UPDATE' THEN
            IF OLD.status IN ('enrolled', 'paused') THEN
                RETURN NEW;
            END IF;
        END IF;
        SELECT CASE NEW.role WHEN 'mentee' THEN c.mentee_line_manager
                             ELSE c.mentor_line_manager END
        INTO rule FROM programs_cohort c WHERE c.id = NEW.cohort_id;
        IF rule = 'asked'
            AND NOT EXISTS (SELECT 1 FROM participants_linecontact l
                            WHERE l.enrolment_id = NEW.id AND l.state = 'agreed')
            AND NOT EXISTS (SELECT 1 FROM participants_lineoverride o
                            WHERE o.enrolment_id = NEW.id)
            AND NOT EXISTS (SELECT 1 FROM accounts_user u
                            WHERE u.id = NEW.user_id AND u.is_external)
        THEN
            RAISE EXCEPTION 'line_manager_first: the line manager has not agreed'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
CONTACT_AS_THE_COHORT_SAYS = pgtrigger.Trigger(
    name="contact_as_the_cohort_says",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    declare=[("rule", "text")],
    func="""
        SELECT CASE e.role WHEN 'mentee' THEN c.mentee_line_manager
                           ELSE c.mentor_line_manager END
        INTO rule FROM participants_enrolment e JOIN programs_cohort c ON c.id = e.cohort_id
        WHERE e.id = NEW.enrolment_id;
        IF rule = 'not_told' THEN
            RAISE EXCEPTION 'line_manager_untold: this cohort tells no line manager'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
# The person is read under a lock that only turning them into an external waits for, and the program
# is held, so that it does not close to people from outside meanwhile.
EXTERNAL_WHERE_TAKEN = pgtrigger.Trigger(
    name="external_where_taken",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("cohort_id", "user_id", "role", "status"),
    condition=~pgtrigger.Q(new__status__in=("withdrawn", "declined")),
    declare=[("outside", "boolean"), ("taken", "text")],
    func="""
        SELECT u.is_external INTO outside FROM accounts_user u
        WHERE u.id = NEW.user_id FOR KEY SHARE;
        IF NOT outside THEN
            RETURN NEW;
        END IF;
        SELECT p.externals INTO taken FROM programs_program p
        WHERE p.id = (SELECT c.program_id FROM programs_cohort c WHERE c.id = NEW.cohort_id)
        FOR SHARE;
        IF taken <> 'both' AND NOT (taken = 'mentors' AND NEW.role = 'mentor') THEN
            RAISE EXCEPTION 'enrolment_external: this program takes nobody from outside as that'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
# Peers enrol alike, as mentees. The program is held, so that its format does not change meanwhile.
PEERS_HAVE_NO_MENTORS = pgtrigger.Trigger(
    name="peers_have_no_mentors",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("role", "cohort_id"),
    condition=pgtrigger.Q(new__role="mentor"),
    declare=[("program_format", "text")],
    func="""
        SELECT p.format INTO program_format FROM programs_program p
        JOIN programs_cohort c ON c.program_id = p.id
        WHERE c.id = NEW.cohort_id FOR SHARE OF p;
        IF program_format = 'peer' THEN
            RAISE EXCEPTION 'peers_have_no_mentors: in a program of peers nobody is a mentor'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
# The person is locked, so that an enrolment and a merge wait for each other.
NOT_FOR_A_MERGED_ACCOUNT = pgtrigger.Trigger(
    name="not_for_a_merged_account",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("user_id"),
    declare=[("merged", "bigint")],
    func="""
        SELECT u.merged_into_id INTO merged FROM accounts_user u
        WHERE u.id = NEW.user_id FOR KEY SHARE;
        IF merged IS NOT NULL THEN
            RAISE EXCEPTION 'enrolment_merged: this account became one with another'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
