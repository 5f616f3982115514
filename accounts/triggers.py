"""What the database itself refuses about people from outside and what they may hold.

A row that says what somebody holds reads the person under a lock that only turning them into an
external waits for: the two cannot pass each other.
"""

from __future__ import annotations

import pgtrigger

VOUCHED_FROM_INSIDE = pgtrigger.Trigger(
    name="vouched_from_inside",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("is_external", "vouched_by_id"),
    condition=pgtrigger.Q(new__is_external=True, new__vouched_by__isnull=False),
    declare=[("outside", "boolean")],
    func="""
        SELECT v.is_external INTO outside FROM accounts_user v
        WHERE v.id = NEW.vouched_by_id FOR KEY SHARE;
        IF outside THEN
            RAISE EXCEPTION 'external_vouches: somebody from outside vouches for nobody'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
# Whoever becomes an external gives up first what externals do not have.
BECOMES_EXTERNAL = pgtrigger.Trigger(
    name="becomes_external",
    when=pgtrigger.Before,
    operation=pgtrigger.UpdateOf("is_external"),
    condition=pgtrigger.Q(new__is_external=True, old__is_external=False),
    func="""
        PERFORM 1 FROM accounts_user u WHERE u.id = NEW.id FOR UPDATE;
        IF EXISTS (SELECT 1 FROM accounts_user v WHERE v.vouched_by_id = NEW.id) THEN
            RAISE EXCEPTION 'external_vouches: this person vouches for somebody from outside'
                USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (SELECT 1 FROM accounts_rolegrant g WHERE g.user_id = NEW.id) THEN
            RAISE EXCEPTION 'external_role: this person holds a role'
                USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (
            SELECT 1 FROM participants_enrolment e
            JOIN programs_cohort c ON c.id = e.cohort_id
            JOIN programs_program p ON p.id = c.program_id
            WHERE e.user_id = NEW.id AND e.status NOT IN ('withdrawn', 'declined')
              AND c.status NOT IN ('completed', 'archived')
              AND p.externals <> 'both'
              AND NOT (p.externals = 'mentors' AND e.role = 'mentor')
        ) THEN
            RAISE EXCEPTION 'external_place: this person is in a cohort that takes no externals'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
EXTERNALS_HOLD_NO_ROLE = pgtrigger.Trigger(
    name="externals_hold_no_role",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("user_id"),
    declare=[("outside", "boolean")],
    func="""
        SELECT u.is_external INTO outside FROM accounts_user u
        WHERE u.id = NEW.user_id FOR KEY SHARE;
        IF outside THEN
            RAISE EXCEPTION 'external_role: somebody from outside holds no role'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)
