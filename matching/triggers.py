"""Rules on members that the database keeps, whatever path a row comes by.

The member's enrolment is locked first: counting and then inserting would let two concurrent
transactions both pass. The people concerned, with their managers, are locked FOR SHARE in id order,
so that a change of manager and a new match wait for each other. Every row is looked up by one key:
with two (a partial index has one in its condition) the planner may take the wrong index while its
figures are old, and slow down with each row.
"""

from __future__ import annotations

import pgtrigger

from participants.screening_rules import OPEN_STEP

MEMBER_RULES = """
    SELECT e.user_id, e.role, e.capacity, e.cohort_id INTO enrolled
    FROM participants_enrolment e WHERE e.id = NEW.enrolment_id FOR UPDATE;
    IF enrolled.user_id <> NEW.user_id OR enrolled.role <> NEW.role THEN
        RAISE EXCEPTION 'member_enrolment: the member is not the person or role of the enrolment'
            USING ERRCODE = 'check_violation';
    END IF;
    SELECT mt.cohort_id INTO match_cohort FROM matching_match mt WHERE mt.id = NEW.match_id;
    IF match_cohort IS DISTINCT FROM enrolled.cohort_id THEN
        RAISE EXCEPTION 'member_cohort: the member is enrolled in another cohort'
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.left_at IS NOT NULL THEN
        RETURN NEW;
    END IF;
    SELECT count(*) FILTER (WHERE m.left_at IS NULL AND m.id IS DISTINCT FROM NEW.id)
    INTO open_count FROM matching_matchmember m WHERE m.enrolment_id = NEW.enrolment_id;
    IF open_count >= enrolled.capacity THEN
        RAISE EXCEPTION 'member_capacity: this person has as many matches as they can take'
            USING ERRCODE = 'check_violation';
    END IF;
    FOR other IN
        SELECT m.id, m.user_id, m.enrolment_id, m.left_at FROM matching_matchmember m
        WHERE m.match_id = NEW.match_id ORDER BY m.user_id
    LOOP
        CONTINUE WHEN other.left_at IS NOT NULL OR other.id IS NOT DISTINCT FROM NEW.id;
        IF other.user_id = NEW.user_id THEN
            RAISE EXCEPTION 'member_self: nobody is matched with themselves'
                USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (
            SELECT 1 FROM matching_donotpair d
            WHERE d.low_id = LEAST(NEW.user_id, other.user_id)
              AND d.high_id = GREATEST(NEW.user_id, other.user_id)
        ) THEN
            RAISE EXCEPTION 'member_do_not_pair: these two shall not be paired'
                USING ERRCODE = 'check_violation';
        END IF;
        FOR person IN
            SELECT DISTINCT wanted.id FROM unnest(ARRAY[
                NEW.user_id,
                other.user_id,
                (SELECT a.manager_id FROM accounts_user a WHERE a.id = NEW.user_id),
                (SELECT b.manager_id FROM accounts_user b WHERE b.id = other.user_id)
            ]) AS wanted(id) WHERE wanted.id IS NOT NULL ORDER BY wanted.id
        LOOP
            PERFORM 1 FROM accounts_user u WHERE u.id = person FOR SHARE;
        END LOOP;
        SELECT u.manager_id AS first, boss.manager_id AS second INTO own_line
        FROM accounts_user u LEFT JOIN accounts_user boss ON boss.id = u.manager_id
        WHERE u.id = NEW.user_id;
        SELECT u.manager_id AS first, boss.manager_id AS second INTO other_line
        FROM accounts_user u LEFT JOIN accounts_user boss ON boss.id = u.manager_id
        WHERE u.id = other.user_id;
        in_line := coalesce(other.user_id = own_line.first OR other.user_id = own_line.second
                            OR NEW.user_id = other_line.first
                            OR NEW.user_id = other_line.second, false);
        IF in_line AND NOT EXISTS (
            SELECT 1 FROM matching_ruleoverride o
            WHERE o.rule = 'reporting_line'
              AND (o.mentor_id, o.mentee_id) IN (
                  (NEW.enrolment_id, other.enrolment_id), (other.enrolment_id, NEW.enrolment_id))
        ) THEN
            RAISE EXCEPTION 'member_reporting_line: within two steps of one reporting line'
                USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    RETURN NEW;
"""

# Where a cohort pairs only people who have finished the required modules. Asked when somebody joins
# a match, never afterwards: a module that comes later parts nobody.
TRAINED = """
    IF NEW.left_at IS NOT NULL THEN
        RETURN NEW;
    END IF;
    SELECT e.cohort_id INTO own_cohort FROM participants_enrolment e WHERE e.id = NEW.enrolment_id;
    IF NOT EXISTS (
        SELECT 1 FROM training_trainingrule r
        WHERE r.cohort_id = own_cohort AND r.gates_pairing
    ) THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT 1 FROM training_trainingmodule t
        WHERE t.cohort_id = own_cohort AND t.is_required AND NOT t.is_withdrawn
          AND t.audience IN (NEW.role, 'both')
          AND EXISTS (
              SELECT 1 FROM training_moduleversion v WHERE v.module_id = t.id AND v.is_current
          )
          AND NOT EXISTS (
              SELECT 1 FROM training_trainingprogress p
              WHERE p.enrolment_id = NEW.enrolment_id AND p.module_id = t.id
                AND p.completed_at IS NOT NULL
                AND (p.expires_on IS NULL OR p.expires_on > NEW.joined_at::date)
          )
    ) THEN
        RAISE EXCEPTION 'member_untrained: the required modules are not finished'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""

# Nobody joins a match whose screening is open, not passed or run out; what comes later parts none.
_OPEN = OPEN_STEP.format(
    cohort="(SELECT e.cohort_id FROM participants_enrolment e WHERE e.id = NEW.enrolment_id)",
    role="NEW.role",
    user="NEW.user_id",
    day="NEW.joined_at::date",
)
SCREENED = f"""
    IF NEW.left_at IS NULL AND EXISTS ({_OPEN}) THEN
        RAISE EXCEPTION 'member_unscreened: a screening step is open'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""

# A mentee gets a mentor from outside only after a yes, and so does a peer with a peer; in a circle
# mentees beside one another are not asked. Both enrolments are held, so that neither changes
# meanwhile; a no that comes later parts nobody.
WELCOME = """
    IF NEW.left_at IS NOT NULL THEN
        RETURN NEW;
    END IF;
    FOR other IN
        SELECT m.user_id, m.enrolment_id, m.role FROM matching_matchmember m
        WHERE m.match_id = NEW.match_id AND m.left_at IS NULL
          AND m.id IS DISTINCT FROM NEW.id ORDER BY m.enrolment_id
    LOOP
        IF other.role = NEW.role THEN
            IF NEW.role = 'mentee' AND EXISTS (
                SELECT 1 FROM accounts_user u, participants_enrolment e
                WHERE u.is_external AND NOT e.accepts_external
                  AND ((u.id = NEW.user_id AND e.id = other.enrolment_id)
                       OR (u.id = other.user_id AND e.id = NEW.enrolment_id))
            ) AND EXISTS (
                SELECT 1 FROM matching_match mt
                JOIN programs_cohort c ON c.id = mt.cohort_id
                JOIN programs_program p ON p.id = c.program_id
                WHERE mt.id = NEW.match_id AND p.format = 'peer'
            ) THEN
                RAISE EXCEPTION 'member_external: a peer has not agreed to one from outside'
                    USING ERRCODE = 'check_violation';
            END IF;
            CONTINUE;
        END IF;
        SELECT u.is_external INTO outside FROM accounts_user u
        WHERE u.id = CASE NEW.role WHEN 'mentor' THEN NEW.user_id ELSE other.user_id END
        FOR KEY SHARE;
        CONTINUE WHEN NOT outside;
        SELECT e.accepts_external INTO welcome FROM participants_enrolment e
        WHERE e.id = CASE NEW.role WHEN 'mentee' THEN NEW.enrolment_id ELSE other.enrolment_id END
        FOR SHARE;
        IF NOT welcome THEN
            RAISE EXCEPTION 'member_external: the mentee has not agreed to a mentor from outside'
                USING ERRCODE = 'check_violation';
        END IF;
    END LOOP;
    RETURN NEW;
"""

DECLARE = [
    ("enrolled", "record"),
    ("match_cohort", "bigint"),
    ("other", "record"),
    ("person", "bigint"),
    ("own_line", "record"),
    ("other_line", "record"),
    ("open_count", "integer"),
    ("in_line", "boolean"),
]

MEMBER_TRIGGERS = (
    pgtrigger.Trigger(
        name="rules_on_insert",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=DECLARE,
        func=MEMBER_RULES,
    ),
    pgtrigger.Trigger(
        name="rules_on_update",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("match_id", "enrolment_id", "user_id", "role", "left_at"),
        declare=DECLARE,
        func=MEMBER_RULES,
    ),
    pgtrigger.Trigger(
        name="trained_on_insert",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("own_cohort", "bigint")],
        func=TRAINED,
    ),
    pgtrigger.Trigger(
        name="screened_on_insert",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=SCREENED,
    ),
    pgtrigger.Trigger(
        name="welcome_on_insert",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("other", "record"), ("outside", "boolean"), ("welcome", "boolean")],
        func=WELCOME,
    ),
)

# Peers may stand in either column: nobody in two pairs of a draft. Whoever writes holds the run.
PEERS_ONCE = pgtrigger.Trigger(
    name="peers_once",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.UpdateOf("state", "mentee_id", "mentor_id"),
    condition=pgtrigger.Q(new__is_of_peers=True) & ~pgtrigger.Q(new__state="rejected"),
    func="""
        PERFORM 1 FROM matching_pairingrun r WHERE r.id = NEW.run_id FOR NO KEY UPDATE;
        IF EXISTS (
            SELECT 1 FROM participants_enrolment e
            WHERE e.id IN (NEW.mentee_id, NEW.mentor_id) AND e.role <> 'mentee'
        ) THEN
            RAISE EXCEPTION 'peers_role: peers are enrolled alike'
                USING ERRCODE = 'check_violation';
        END IF;
        IF EXISTS (
            SELECT 1 FROM matching_proposal p
            WHERE p.run_id = NEW.run_id AND p.id <> NEW.id AND p.state <> 'rejected'
              AND (p.mentee_id IN (NEW.mentee_id, NEW.mentor_id)
                   OR p.mentor_id IN (NEW.mentee_id, NEW.mentor_id))
        ) THEN
            RAISE EXCEPTION 'peers_once: one of them is in another pair of this draft'
                USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """,
)

# Sealing words anew with another key changes the ciphertext and not the words: core.keys says so
# for its own transaction.
SIGNED_IS_FINAL = """
    IF EXISTS (SELECT 1 FROM matching_agreementsignature s WHERE s.version_id = OLD.id)
       AND coalesce(current_setting('alongside.resealing', true), '') <> 'on' THEN
        RAISE EXCEPTION 'agreement_signed: a signed version stays as it is; write a new one'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN {row};
"""
VERSION_TRIGGERS = tuple(
    pgtrigger.Trigger(
        name=f"signed_is_final_on_{name}",
        when=pgtrigger.Before,
        operation=operation,
        func=SIGNED_IS_FINAL.format(row=row),
    )
    for name, operation, row in (
        ("update", pgtrigger.Update, "NEW"),
        ("delete", pgtrigger.Delete, "OLD"),
    )
)

# The match is locked, so that a new version and a signature under the old one wait for each other.
SIGNATURE_RULES = """
    SELECT v.match_id, v.number INTO signed
    FROM matching_agreementversion v WHERE v.id = NEW.version_id;
    PERFORM 1 FROM matching_match m WHERE m.id = signed.match_id FOR NO KEY UPDATE;
    IF NOT EXISTS (
        SELECT 1 FROM matching_matchmember mm WHERE mm.match_id = signed.match_id
          AND mm.user_id = NEW.user_id AND mm.left_at IS NULL
    ) THEN
        RAISE EXCEPTION 'signature_member: only a member of the match signs its agreement'
            USING ERRCODE = 'check_violation';
    END IF;
    IF EXISTS (
        SELECT 1 FROM matching_agreementversion v
        WHERE v.match_id = signed.match_id AND v.number > signed.number
    ) THEN
        RAISE EXCEPTION 'signature_newest: only the newest version is signed'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""
SIGNATURE_TRIGGERS = (
    pgtrigger.Trigger(
        name="rules_on_insert",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("signed", "record")],
        func=SIGNATURE_RULES,
    ),
    pgtrigger.Protect(name="final", operation=pgtrigger.Update),
)

THREAD_RULES = """
    IF NOT EXISTS (
        SELECT 1 FROM matching_matchmember mm JOIN matching_match m ON m.id = mm.match_id
        WHERE mm.match_id = NEW.match_id AND mm.user_id = NEW.author_id AND mm.left_at IS NULL
          AND m.status <> 'ended'
    ) THEN
        RAISE EXCEPTION 'thread_member: only a member of an open match writes to it'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
"""
THREAD_TRIGGERS = (
    pgtrigger.Trigger(
        name="rules_on_insert",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=THREAD_RULES,
    ),
    pgtrigger.Protect(
        name="final", operation=pgtrigger.UpdateOf("match_id", "author_id", "sent_at")
    ),
)
