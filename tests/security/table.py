"""Every url of the product, and who may see it. A url that stands nowhere here fails the tests.

To add one: name it in ``URLS`` with its audience; when it takes an object, say which one with
``about``: keyword arguments for ``reverse`` from a ``World`` (see ``worlds.py``). The pages that
the admin makes for a model stand in ``ADMIN`` as what each role may do with the model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from feedback.tokens import make_fit_token, make_pulse_token
from tests.security import audiences as who
from tests.security.audiences import Audience
from tests.security.worlds import World

Arguments = Callable[[World], dict[str, Any]]


@dataclass(frozen=True)
class Rule:
    audience: Audience
    about: Arguments | None = None


def pk_of(name: str) -> Arguments:
    """Arguments of a url about one object of a world by its primary key."""
    return lambda world: {"pk": getattr(world, name).pk}


def two_accounts(world: World) -> dict[str, Any]:
    """Arguments of a url about the stranger and somebody who takes part."""
    low, high = sorted((world.enrolment.user_id, world.stranger.pk))
    return {"low": low, "high": high}


def fixed(**arguments: Any) -> Arguments:
    return lambda world: arguments


HOME = {
    "home": Rule(who.SIGNED_IN),
    "match": Rule(who.MEMBERS_AND_MANAGERS, pk_of("match")),
    "match_end": Rule(who.MEMBERS_AND_MANAGERS, pk_of("match")),
    "match_pause": Rule(who.MEMBERS_AND_MANAGERS, pk_of("match")),
    **{
        f"enrolment_{name}": Rule(who.MENTEE_ALONE, pk_of("enrolment"))
        for name in (
            "status",
            "line_manager",
            "capacity",
            "pause",
            "resume",
            "withdraw",
            "undo",
            "answer",
        )
    },
    "offer_accept": Rule(who.MENTEE_ALONE, pk_of("place_offer")),
    "offer_decline": Rule(who.MENTEE_ALONE, pk_of("place_offer")),
}
ACCOUNT = {
    "actions": Rule(who.SIGNED_IN),
    "action_new": Rule(who.MEMBERS, lambda world: {"match_pk": world.match.pk}),
    "action_remove": Rule(who.MEMBERS, pk_of("action")),
    "action_restore": Rule(who.SIGNED_IN),
    "my_data": Rule(who.SIGNED_IN),
    "my_data_file": Rule(who.SIGNED_IN, fixed(file_format="json")),
    "leave": Rule(who.SIGNED_IN),
    "leave_undo": Rule(who.SIGNED_IN),
    "accounts:profile": Rule(who.SIGNED_IN),
    "accounts:ended": Rule(who.ANYBODY),
    "accounts:tokens": Rule(who.SIGNED_IN),
    "accounts:revoke_token": Rule(who.MENTEE_ALONE, pk_of("token")),
}
# Pages of sign-in answer everybody; what they show depends on the person alone.
SIGN_IN = {
    name: Rule(who.ANYBODY)
    for name in (
        "account_login",
        "account_logout",
        "account_inactive",
        "account_signup",
        "account_email_verification_sent",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
    )
} | {
    # Steps of a sign-in that has begun; without one they send everybody on.
    "account_confirm_login_code": Rule(who.SIGNED_IN),
    "mfa_authenticate": Rule(who.SIGNED_IN),
    "mfa_login_webauthn": Rule(who.SIGNED_IN),
    "account_confirm_email": Rule(who.ANYBODY, fixed(key="unknown")),
    "account_reset_password_from_key": Rule(who.ANYBODY, fixed(uidb36="1", key="unknown-key")),
}
OWN_SIGN_IN = {
    name: Rule(who.SIGNED_IN)
    for name in (
        "account_reauthenticate",
        "account_email",
        "account_change_password",
        "account_set_password",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "mfa_generate_recovery_codes",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_reauthenticate_webauthn",
        "usersessions_list",
    )
} | {
    # Without an authenticator of one's own these are not found.
    "mfa_deactivate_totp": Rule(who.NOBODY),
    "mfa_view_recovery_codes": Rule(who.NOBODY),
    "mfa_download_recovery_codes": Rule(who.NOBODY),
    # These ask for the password again, whatever key is named.
    "mfa_remove_webauthn": Rule(who.SIGNED_IN, fixed(pk=1)),
    "mfa_edit_webauthn": Rule(who.SIGNED_IN, fixed(pk=1)),
}
PROGRAMS = {
    "programs:cohorts": Rule(who.MANAGERS),
    "programs:setup": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    "programs:move": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    "programs:new": Rule(who.MANAGERS),
    "programs:new_template": Rule(who.MANAGERS, fixed(key="healthcare")),
    "programs:new_copy": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    "cohort_preview": Rule(
        who.MANAGERS_OF_IT, lambda world: {"pk": world.cohort.pk, "role": "mentor"}
    ),
    "reports:objectives": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    "programs:team": Rule(who.MANAGERS_OF_IT, pk_of("program")),
    "programs:end_cover": Rule(who.MANAGERS_OF_IT, pk_of("cover")),
    "programs:pass_on": Rule(
        who.scoped({"owner", "chief", "superuser"}, {"chief", "superuser"}), pk_of("manager_grant")
    ),
    "programs:lessons": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
}
TRAINING = {
    "training:library": Rule(who.SIGNED_IN),
    "training:module": Rule(who.MENTEE_ALONE, pk_of("module")),
    "training:page": Rule(who.MENTEE_ALONE, lambda world: {"pk": world.module.pk, "page": 1}),
    "training:done": Rule(who.MENTEE_ALONE, pk_of("module")),
    "training:file": Rule(who.MENTEE_AND_MANAGERS, pk_of("module_file")),
    **{f"training:{name}": Rule(who.MANAGERS_OF_IT, pk_of("module")) for name in ("draft", "use")},
    "training:preview": Rule(who.MANAGERS_OF_IT, pk_of("module_version")),
    "training:cohort": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    "training:gate": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    "training:excuse": Rule(who.MANAGERS_OF_IT, pk_of("enrolment")),
}
PARTICIPANTS = (
    {
        f"participants:{name}": Rule(who.MANAGERS_OF_IT, pk_of("cohort"))
        for name in (
            "people",
            "add",
            "import_new",
            "joining",
            "balance",
            "screening",
            "joining_rules",
            "make_link",
            "invite",
            "invite_external",
        )
    }
    | {
        f"participants:{name}": Rule(who.MANAGERS_OF_IT, pk_of("enrolment"))
        for name in (
            "enrolment",
            "status",
            "capacity",
            "decide",
            "ask_more",
            "offer",
            "invite_again",
            "take_back",
            "line_override",
            "prolong",
        )
    }
    | {
        "participants:recommend": Rule(who.MENTEE_ALONE, pk_of("enrolment")),
        "participants:unrecommend": Rule(who.MENTEE_ALONE, pk_of("recommendation")),
        "participants:invite_recommended": Rule(who.MANAGERS_OF_IT, pk_of("recommendation")),
        "participants:close_recommendation": Rule(who.MANAGERS_OF_IT, pk_of("recommendation")),
    }
    | {
        "participants:decide_many": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
        "participants:pass_many": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
        "participants:decide_step": Rule(
            who.MANAGERS_OF_IT,
            lambda world: {"pk": world.enrolment.pk, "step": world.screening_step.pk},
        ),
        "participants:welcome": Rule(who.MENTEE_ALONE, pk_of("enrolment")),
        "participants:confidence": Rule(who.SIGNED_IN),
        "participants:own_step": Rule(
            who.MENTEE_ALONE,
            lambda world: {"pk": world.enrolment.pk, "step": world.screening_step.pk},
        ),
    }
    | {
        f"participants:{name}": Rule(
            who.MENTEE_ALONE, lambda world: {"pk": world.cohort.pk, "role": "mentee"}
        )
        for name in ("apply", "save_draft")
    }
    | {
        f"participants:{name}": Rule(who.SIGNED_IN)
        for name in ("me", "add_skill", "find_skills", "set_photo", "remove_photo")
    }
    | {
        # Dropping what is not one's own does nothing, and says nothing about whether it exists.
        f"participants:{name}": Rule(who.SIGNED_IN, fixed(pk=1))
        for name in ("drop_skill", "drop_suggestion")
    }
    | {
        f"participants:{name}": Rule(
            who.PARTNERS_AND_KEEPERS, lambda world: {"pk": world.enrolment.user_id}
        )
        for name in ("person", "photo")
    }
    | {
        "participants:revoke_link": Rule(who.MANAGERS_OF_IT, pk_of("sign_up_link")),
        # Whoever holds a link sees what it leads to; it lets nobody in without a proved address.
        "participants:levels": Rule(who.everywhere(*who.KEEPS_PEOPLE, "chief")),
        "participants:join": Rule(who.ANYBODY, lambda world: {"token": world.sign_up_link.token}),
        "participants:join_sent": Rule(who.ANYBODY),
        "participants:confirm": Rule(who.ANYBODY, fixed(token="unknown")),
        # A link from a mail works without signing in; whoever else is signed in is refused.
        "participants:line_manager": Rule(
            who.scoped(
                {"program_manager", who.ANONYMOUS}, {"other_program_manager", who.ANONYMOUS}
            ),
            lambda world: {"token": world.line_token},
        ),
        "participants:invitation": Rule(
            who.ANYBODY, lambda world: {"token": world.invitation_token}
        ),
    }
    | {
        f"participants:import_{name}": Rule(
            who.MANAGERS_OF_IT, lambda world: {"token": world.import_run.token}
        )
        for name in (
            "run",
            "columns",
            "levels",
            "progress",
            "confirm",
            "check",
            "cancel",
            "discard",
            "undo",
            "problems",
        )
    }
)
MATCHING = (
    {
        f"matching:{name}": Rule(who.MANAGERS_OF_IT, pk_of("cohort"))
        for name in ("cohort", "effects", "suggest", "start")
    }
    | {
        f"matching:{name}": Rule(who.MANAGERS_OF_IT, pk_of("run"))
        for name in (
            "review",
            "progress",
            "cancel",
            "retry",
            "export",
            "publish",
            "publish_cancel",
            "what_if",
            "compare",
            "compute_again",
        )
    }
    | {
        f"matching:{name}": Rule(who.MANAGERS_OF_IT, pk_of("scenario"))
        for name in (
            "scenario",
            "scenario_progress",
            "apply_scenario",
            "keep_scenario",
            "remove_scenario",
        )
    }
    | {
        f"matching:{name}": Rule(who.MANAGERS_OF_IT, pk_of("proposal"))
        for name in ("lock", "unlock", "reject", "restore", "accept", "others", "swap", "exchange")
    }
    | {
        "matching:wishes": Rule(who.MENTEE_ALONE, pk_of("enrolment")),
        "matching:traits": Rule(who.MENTEE_ALONE, pk_of("enrolment")),
        **{
            f"matching:{name}": Rule(
                who.MANAGERS_OF_IT,
                lambda world: {"pk": world.run.pk, "mentee_pk": world.enrolment.pk},
            )
            for name in ("by_hand", "give_seat")
        },
        "matching:join_circle": Rule(who.MANAGERS_OF_IT, pk_of("waiting")),
        **{
            f"matching:{name}_circle": Rule(who.MANAGERS_OF_IT, pk_of("circle"))
            for name in ("lock", "unlock", "dissolve")
        },
        **{
            f"matching:{name}_seat": Rule(who.MANAGERS_OF_IT, pk_of("seat"))
            for name in ("move", "leave")
        },
    }
)
TOGETHER = {
    **{
        f"together:{name}": Rule(who.MEMBERS, pk_of("match"))
        for name in (
            "confirm",
            "expectations",
            "agreement",
            "agreement_edit",
            "thread",
            "thread_new",
            "words_in_mail",
        )
    },
    **{
        f"together:{name}": Rule(
            who.MEMBERS, lambda world: {"pk": world.match.pk, "number": world.agreement.number}
        )
        for name in ("agreement_version", "sign")
    },
    "together:remove_message": Rule(
        who.MEMBERS,
        lambda world: {"pk": world.match.pk, "message_pk": world.thread_message.pk},
    ),
}
MEETINGS = {
    "meetings:list": Rule(who.SIGNED_IN),
    "meetings:choose": Rule(who.SIGNED_IN),
    "meetings:log": Rule(who.MEMBERS, lambda world: {"match_pk": world.match.pk}),
    "meetings:action_row": Rule(who.MEMBERS, lambda world: {"match_pk": world.match.pk}),
    "meetings:detail": Rule(who.MEMBERS_AND_MANAGERS, pk_of("meeting")),
    "meetings:edit": Rule(who.MEMBERS, pk_of("meeting")),
    "meetings:remove": Rule(who.MEMBERS, pk_of("meeting")),
    "meetings:tick": Rule(who.MEMBERS, pk_of("action")),
    "meetings:change_action": Rule(who.MEMBERS, pk_of("action")),
    "meetings:remove_action": Rule(who.MEMBERS, pk_of("action")),
    "meetings:choose_offer": Rule(who.SIGNED_IN),
    "meetings:calendar": Rule(who.SIGNED_IN),
    "meetings:make_feed": Rule(who.SIGNED_IN),
    "meetings:revoke_feed": Rule(who.SIGNED_IN),
    "meetings:set_busy": Rule(who.SIGNED_IN),
    "meetings:remove_busy": Rule(who.SIGNED_IN),
    "meetings:record": Rule(who.SIGNED_IN, fixed(file_format="csv")),
    **{
        f"meetings:{name}": Rule(who.MEMBERS, lambda world: {"match_pk": world.match.pk})
        for name in ("propose", "book", "room", "draft", "drop_draft")
    },
    **{
        f"meetings:{name}": Rule(who.MEMBERS, pk_of("offer"))
        for name in ("offer", "accept", "decline", "withdraw")
    },
    **{
        f"meetings:{name}": Rule(who.MEMBERS, pk_of("planned"))
        for name in (
            "move",
            "plan",
            "cancel",
            "later",
            "met",
            "missed",
            "ics",
            "add_agenda",
        )
    },
    "meetings:tick_agenda": Rule(who.MEMBERS, pk_of("agenda_item")),
    **{
        f"events:{name}": Rule(who.MANAGERS_OF_IT, lambda world: {"cohort_pk": world.cohort.pk})
        for name in ("cohort", "plan")
    },
    **{
        f"events:{name}": Rule(who.MEMBERS_AND_MANAGERS, pk_of("cohort_event"))
        for name in ("detail", "ics")
    },
    **{
        f"events:{name}": Rule(who.MANAGERS_OF_IT, pk_of("cohort_event"))
        for name in ("edit", "cancel", "attendance")
    },
    "events:answer": Rule(who.MEMBERS, pk_of("cohort_event")),
    "meetings:remove_agenda": Rule(who.MEMBERS, pk_of("agenda_item")),
    # Calendar programs sign in nowhere: whoever has the address reads it.
    "calendars:inbound": Rule(who.NOBODY),  # until a provider of mail is configured
    "calendars:feed": Rule(who.ANYBODY, lambda world: {"token": world.feed_token}),
}
GOALS = {
    "goals:list": Rule(who.SIGNED_IN),
    "goals:choose": Rule(who.SIGNED_IN),
    "goals:new": Rule(who.MEMBERS, lambda world: {"match_pk": world.match.pk}),
    "goals:detail": Rule(who.MEMBERS, pk_of("goal")),
    "goals:confirm": Rule(who.MEMBERS, pk_of("goal")),
    "goals:edit": Rule(who.MENTEE_ALONE, pk_of("goal")),
    "goals:move": Rule(who.MENTEE_ALONE, pk_of("goal")),
    "goals:progress": Rule(who.MENTEE_ALONE, pk_of("goal")),
    "goals:add_milestone": Rule(who.MENTEE_ALONE, pk_of("goal")),
    "goals:remove_progress": Rule(who.MENTEE_ALONE, pk_of("progress")),
    "goals:restore_progress": Rule(who.MENTEE_ALONE, pk_of("progress")),
    **{
        f"goals:{name}_milestone": Rule(who.MENTEE_ALONE, pk_of("milestone"))
        for name in ("change", "tick", "move", "remove", "restore")
    },
    "goals:review": Rule(
        who.scoped({"mentor", "mentee"}, set()), lambda world: {"phase_pk": world.phase.pk}
    ),
    "goals:suggestions": Rule(who.MANAGERS_OF_IT, pk_of("program")),
}
NOTES = {
    "notes:own": Rule(who.SIGNED_IN),
    "notes:reflections": Rule(who.SIGNED_IN),
    "notes:reflect": Rule(
        who.scoped({"mentor", "mentee"}, set()), lambda world: {"phase_pk": world.phase.pk}
    ),
    **{
        f"notes:{name}": Rule(who.MEMBERS, lambda world: {"match_pk": world.match.pk})
        for name in ("new", "shared", "start")
    },
    **{
        f"notes:{name}": Rule(who.MENTEE_ALONE, pk_of("own_note"))
        for name in ("edit", "remove", "restore")
    },
    **{
        f"notes:{name}": Rule(who.MEMBERS, pk_of("shared_note"))
        for name in ("note", "save", "remove_shared", "restore_shared")
    },
}
FEEDBACK = {
    "feedback:mine": Rule(who.SIGNED_IN),
    "feedback:give": Rule(who.MENTEE_ALONE, pk_of("check_in")),
    "feedback:cohort": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    # A link from a mail works without signing in; whoever is signed in as somebody else is refused.
    "feedback:answer": Rule(
        who.scoped({"mentee", who.ANONYMOUS}, {who.ANONYMOUS}),
        lambda world: {"token": world.answer_token},
    ),
    "feedback:fit": Rule(who.MENTEE_ALONE, pk_of("fit")),
    "feedback:misfit": Rule(who.MEMBERS, lambda world: {"match_pk": world.match.pk}),
    "feedback:cohort_fit": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    "feedback:pulse": Rule(who.MENTEE_ALONE, pk_of("pulse")),
    "feedback:cohort_pulse": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    "feedback:pulse_link": Rule(
        who.scoped({"mentee", who.ANONYMOUS}, {who.ANONYMOUS}),
        lambda world: {
            "token": make_pulse_token(world.pulse, user_id=world.pulse.enrolment.user_id)
        },
    ),
    "feedback:fit_link": Rule(
        who.scoped({"mentee", who.ANONYMOUS}, {who.ANONYMOUS}),
        lambda world: {"token": make_fit_token(world.fit)},
    ),
}
NOTIFICATIONS = {
    "notifications:inbox": Rule(who.SIGNED_IN),
    "notifications:open": Rule(who.MENTEE_ALONE, pk_of("notice")),
    "notifications:mark": Rule(who.MENTEE_ALONE, pk_of("notice")),
    "notifications:read_all": Rule(who.SIGNED_IN),
    "notifications:settings": Rule(who.SIGNED_IN),
    "notifications:times": Rule(who.SIGNED_IN),
    "notifications:provider_events": Rule(who.NOBODY),  # until a provider of mail is named
    "notifications:stop": Rule(who.ANYBODY, lambda world: {"token": world.stop_token}),
    # Off outside the demo; in the demo nothing in it is anybody's.
    "notifications:demo_mail": Rule(who.NOBODY),
    "notifications:demo_mail_detail": Rule(who.NOBODY, fixed(name="x.eml")),
    "notifications:demo_mail_html": Rule(who.NOBODY, fixed(name="x.eml")),
}
REPORTS = {
    "reports:outcomes": Rule(who.HAS_REPORTS),
    "reports:dictionary": Rule(who.HAS_REPORTS),
    "reports:export": Rule(who.HAS_REPORTS, fixed(dataset="participation", file_format="csv")),
    "reports:overview": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    "reports:evidence": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    "reports:names": Rule(
        who.MANAGERS_OF_IT, lambda world: {"pk": world.cohort.pk, "step": "enrolled"}
    ),
    "reports:pairs": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
}
SUPPORT = {
    "support:queue": Rule(who.MANAGERS),
    "support:item": Rule(who.MANAGERS_OF_IT, pk_of("work")),
    "support:act": Rule(who.MANAGERS_OF_IT, lambda world: {"pk": world.work.pk, "what": "take"}),
    **{
        f"support:{name}": Rule(who.MANAGERS_OF_IT, pk_of("cohort"))
        for name in ("announcements", "new_announcement")
    },
    **{
        f"support:{name}": Rule(who.MANAGERS_OF_IT, pk_of("announcement"))
        for name in ("announcement", "edit_announcement")
    },
    "support:call": Rule(who.MANAGERS_OF_IT, pk_of("work")),
    "support:leaver": Rule(who.MANAGERS_OF_IT, pk_of("enrolment")),
    "support:stays": Rule(who.MANAGERS_OF_IT, pk_of("enrolment")),
    "support:undo_leaver": Rule(who.MANAGERS_OF_IT, pk_of("leaver")),
    "support:rematch": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    "support:feeds": Rule(who.IT),
    **{
        f"support:feed{name}": Rule(who.IT, lambda world: {"key": world.feed.token})
        for name in ("", "_columns", "_progress", "_problems", "_confirm")
    },
    "support:feed_act": Rule(who.IT, lambda world: {"key": world.feed.token, "what": "check"}),
    "support:act_on_announcement": Rule(
        who.MANAGERS_OF_IT, lambda world: {"pk": world.announcement.pk, "what": "try"}
    ),
    "support:mail": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    "support:mail_act": Rule(
        who.MANAGERS_OF_IT, lambda world: {"pk": world.cohort.pk, "what": "pause"}
    ),
    "support:rehearsals": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    "support:rehearsal": Rule(who.MANAGERS_OF_IT, pk_of("rehearsal")),
    "support:rules": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
    "support:help": Rule(who.SIGNED_IN),
    "support:help_inbox": Rule(who.everywhere("hr_analyst")),
    "support:help_request": Rule(
        who.scoped({"mentee", "hr_analyst"}, {"hr_analyst"}), pk_of("help")
    ),
    "support:close_help": Rule(who.scoped({"mentee", "hr_analyst"}, {"hr_analyst"}), pk_of("help")),
    "support:help_contacts": Rule(who.MANAGERS_OF_IT, pk_of("program")),
    "support:reset_rules": Rule(who.MANAGERS_OF_IT, pk_of("cohort")),
}
DOUBLES = {
    "doubles:index": Rule(who.KEEPS_ACCOUNTS),
    **{
        f"doubles:{name}": Rule(who.KEEPS_ACCOUNTS, two_accounts)
        for name in ("pair", "merge", "apart")
    },
}
API = {
    "api:reader": Rule(who.SIGNED_IN),
    "api:schema": Rule(who.SIGNED_IN),
    "api:cohort-list": Rule(who.SIGNED_IN),
    "api:enrolment-list": Rule(who.SIGNED_IN),
    "api:match-list": Rule(who.SIGNED_IN),
    "api:meeting-list": Rule(who.SIGNED_IN),
    "api:cohort-detail": Rule(who.COHORT_PEOPLE, pk_of("cohort")),
    "api:enrolment-detail": Rule(who.MENTEE_AND_MANAGERS, pk_of("enrolment")),
    "api:match-detail": Rule(who.MEMBERS_AND_MANAGERS, pk_of("match")),
    "api:meeting-detail": Rule(who.MEMBERS_AND_MANAGERS, pk_of("meeting")),
    "api:unknown": Rule(who.NOBODY),
}
HOUSE = {
    "health_live": Rule(who.ANYBODY),
    "health_ready": Rule(who.ANYBODY),
    "core_theme": Rule(who.ANYBODY),
    "set_language": Rule(who.ANYBODY),
    "core_components": Rule(who.ENTERS_ADMIN),
}
ADMIN_PAGES = {
    "admin:index": Rule(who.ENTERS_ADMIN),
    "admin:search": Rule(who.ENTERS_ADMIN),
    "admin:jsi18n": Rule(who.ENTERS_ADMIN),
    "admin:password_change": Rule(who.ENTERS_ADMIN),
    "admin:password_change_done": Rule(who.ENTERS_ADMIN),
    "admin:login": Rule(who.NOBODY),  # sends everybody on
    "admin:logout": Rule(who.ENTERS_ADMIN),
    # Without saying which list it completes, the answer is "no" for everybody.
    "admin:autocomplete": Rule(who.NOBODY),
    "admin:view_on_site": Rule(who.NOBODY, fixed(content_type_id=0, object_id=0)),
    "admin:app_list": Rule(who.ENTERS_ADMIN, fixed(app_label="programs")),
    "admin:programs_enrolmentform_make_new_version": Rule(
        who.MANAGERS_OF_IT, lambda world: {"object_id": world.form.pk}
    ),
    "admin:programs_expectationform_make_new_version": Rule(
        who.MANAGERS_OF_IT, lambda world: {"object_id": world.expectations.pk}
    ),
}
URLS: dict[str, Rule] = {
    **HOME,
    **ACCOUNT,
    **SIGN_IN,
    **OWN_SIGN_IN,
    **PROGRAMS,
    **TRAINING,
    **PARTICIPANTS,
    **MATCHING,
    **TOGETHER,
    **MEETINGS,
    **GOALS,
    **NOTES,
    **FEEDBACK,
    **NOTIFICATIONS,
    **REPORTS,
    **SUPPORT,
    **DOUBLES,
    **API,
    **HOUSE,
    **ADMIN_PAGES,
}

# What each role may do with a model in the admin: v(iew), a(dd), c(hange), d(elete).
STAFF = ("program_manager", "owner", "chief")


def staff(acts: str, **others: str) -> dict[str, str]:
    return {**dict.fromkeys(STAFF, acts), **others}


@dataclass(frozen=True)
class Model:
    """A model's pages: ``acts`` by role, the world's attribute, and whether rows have a program."""

    acts: dict[str, str]
    about: str
    is_scoped: bool = True


ADMIN = {
    "programs_program": Model(
        {"program_manager": "vc", "owner": "vc", "chief": "vac", "it_administrator": "vac"},
        "program",
    ),
    "programs_cohort": Model(staff("vac"), "cohort"),
    "programs_enrolmentform": Model(staff("vc"), "form"),
    "goals_goalsuggestion": Model(staff("vacd"), "suggestion"),
    "programs_expectationform": Model(staff("vc"), "expectations"),
    "participants_enrolment": Model(staff("vac"), "enrolment"),
    "participants_skillsuggestion": Model(
        staff("v", it_administrator="v"), "skill_suggestion", is_scoped=False
    ),
    "participants_signuplink": Model(staff("va"), "sign_up_link"),
    "participants_importrun": Model(staff("v"), "import_run"),
    "participants_skill": Model(staff("vac", it_administrator="vacd"), "skill", is_scoped=False),
    "training_trainingmodule": Model(staff("vac"), "module"),
    "training_moduleversion": Model(staff("vc"), "module_draft"),
    "matching_pairingpolicy": Model(staff("vac"), "policy"),
    "matching_pairingrun": Model(staff("v"), "run"),
    "matching_match": Model(staff("v"), "match"),
    "matching_donotpair": Model(staff("vad"), "pair_to_avoid"),
    "notifications_message": Model(staff("v", it_administrator="v"), "message"),
    "support_chatchannel": Model(staff("vacd"), "chat_channel"),
    "notifications_webhook": Model({"it_administrator": "vacd"}, "webhook", is_scoped=False),
    "notifications_webhookdelivery": Model({"it_administrator": "v"}, "delivery", is_scoped=False),
    "notifications_closeddays": Model({"it_administrator": "vacd"}, "closed_days", is_scoped=False),
    "support_feedsettings": Model({"it_administrator": "vc"}, "feed_settings", is_scoped=False),
    "audit_auditevent": Model(staff("v", it_administrator="v"), "event"),
    "accounts_user": Model({"it_administrator": "vac"}, "stranger", is_scoped=False),
    "accounts_level": Model(staff("v", it_administrator="vacd"), "level", is_scoped=False),
    "accounts_rolegrant": Model(
        {"owner": "vad", "chief": "vad", "it_administrator": "vad"}, "manager_grant"
    ),
}
# What even a superuser does not do: services write these rows, or they stay for good.
NOT_EVEN_SUPERUSERS = {
    "training_moduleversion": "a",
    "programs_enrolmentform": "a",
    "participants_signuplink": "cd",
    "participants_skillsuggestion": "acd",
    "programs_expectationform": "a",
    "participants_importrun": "acd",
    "matching_pairingrun": "acd",
    "matching_match": "acd",
    "matching_donotpair": "c",
    "notifications_message": "acd",
    "notifications_webhookdelivery": "acd",
    "support_feedsettings": "ad",
    "audit_auditevent": "acd",
    "accounts_user": "d",
    "accounts_rolegrant": "c",
}
ACT_OF_PAGE = {"changelist": "v", "change": "v", "history": "v", "add": "a", "delete": "d"}


def admin_page(name: str) -> tuple[str, str] | None:
    """Split ``admin:app_model_page`` into model and page; None for other names."""
    model, _, page = name.removeprefix("admin:").rpartition("_")
    known = name.startswith("admin:") and model in ADMIN and page in ACT_OF_PAGE
    return (model, page) if known else None


def rule_of(name: str) -> Rule | None:
    """Return the rule of a url by its name, or None when nobody has classified it."""
    if name in URLS:
        return URLS[name]
    found = admin_page(name)
    if found is None:
        return None
    model_name, page = found
    model = ADMIN[model_name]
    has_object = page in {"change", "history", "delete"}
    about = (lambda world: {"object_id": getattr(world, model.about).pk}) if has_object else None
    return Rule(_admin_audience(model_name, ACT_OF_PAGE[page], has_object), about)


def _admin_audience(model_name: str, act: str, has_object: bool) -> Audience:
    model = ADMIN[model_name]
    own = {role for role, acts in model.acts.items() if act in acts}
    if act not in NOT_EVEN_SUPERUSERS.get(model_name, ""):
        own.add("superuser")
    like_manager = {"other_program_manager"} if "program_manager" in own else set()
    if not has_object or not model.is_scoped:
        return who.everywhere(*own, *like_manager)
    return who.scoped(own, (own - {"program_manager", "owner"}) | like_manager)


def every_url(
    patterns: Iterable[URLPattern | URLResolver] | None = None, namespaces: tuple[str, ...] = ()
) -> Iterable[tuple[str, URLPattern]]:
    """Yield the full name of every url of the product with its pattern; "" when it has none."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLPattern):
            yield ":".join((*namespaces, pattern.name)) if pattern.name else "", pattern
        else:
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from every_url(pattern.url_patterns, inner)
