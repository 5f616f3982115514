"""Pairing policy, runs and proposals; matches and their members."""

from matching.models.beginning import (
    AgreementSignature,
    AgreementVersion,
    ExpectationSheet,
    MatchConfirmation,
)
from matching.models.matches import (
    DoNotPair,
    EndReason,
    Match,
    MatchMember,
    MatchStatus,
    OverridableRule,
    RuleOverride,
)
from matching.models.policy import (
    AIM_HELP,
    Balance,
    CriterionKind,
    Objective,
    PairingPolicy,
    PolicyCriterion,
    PolicyRule,
    RuleKind,
    aim_refusal,
)
from matching.models.runs import (
    LIVE,
    TOP_SCORE,
    CircleMentor,
    PairingRun,
    Proposal,
    ProposalState,
    ProposedCircle,
    Publication,
    Scenario,
    Unmatched,
)
from matching.models.thread import ThreadMail, ThreadMessage, ThreadRead
from matching.models.traits import FrozenTraits, PairingTrait, TraitConsent
from matching.models.wishes import PairingWish, WishKind
from matching.vectors import TextVector

__all__ = [
    "AIM_HELP",
    "LIVE",
    "TOP_SCORE",
    "AgreementSignature",
    "AgreementVersion",
    "Balance",
    "CircleMentor",
    "CriterionKind",
    "DoNotPair",
    "EndReason",
    "ExpectationSheet",
    "FrozenTraits",
    "Match",
    "MatchConfirmation",
    "MatchMember",
    "MatchStatus",
    "Objective",
    "OverridableRule",
    "PairingPolicy",
    "PairingRun",
    "PairingTrait",
    "PairingWish",
    "PolicyCriterion",
    "PolicyRule",
    "Proposal",
    "ProposalState",
    "ProposedCircle",
    "Publication",
    "RuleKind",
    "RuleOverride",
    "Scenario",
    "TextVector",
    "ThreadMail",
    "ThreadMessage",
    "ThreadRead",
    "TraitConsent",
    "Unmatched",
    "WishKind",
    "aim_refusal",
]
