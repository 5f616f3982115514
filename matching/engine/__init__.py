"""The pairing engine: provably best, explained, the same on every machine.

Pure Python over NumPy and SciPy: no Django, no I/O. Solver and checker are separate code.

>>> from matching.engine import Criterion, People, Person, Policy, Pool, solve
>>> pool = Pool(
...     mentees=People.of([Person(id="anh", skills_wanted={"sql": 3})]),
...     mentors=People.of([Person(id="rosa", skills_offered={"sql"})]),
... )
>>> solve(pool, Policy(criteria=(Criterion("skills", 1),))).mentor_of
{'anh': 'rosa'}
"""

from matching.engine.blocking import Blocking, BlockingPair, blocking_pairs
from matching.engine.chains import Chains, NoPrices, alternatives_of
from matching.engine.checking import check, check_circles, check_peers
from matching.engine.circle_desk import judge_circle
from matching.engine.circle_values import (
    BrokenPair,
    Circle,
    CircleShape,
    CirclesSolution,
    JudgedCircle,
    Seat,
)
from matching.engine.circles import solve_circles
from matching.engine.criteria import CRITERIA
from matching.engine.effects import rule_effects
from matching.engine.errors import (
    Cancelled,
    DuplicateId,
    EngineError,
    InvalidCapacity,
    InvalidOverride,
    InvalidPolicy,
    InvalidPool,
    InvalidScores,
    LockedBeyondCapacity,
    LockedPairForbidden,
    LockedTwice,
    NegativeCapacity,
    NotProved,
    TooManyForLeximin,
    TooManyPeers,
    UnknownId,
)
from matching.engine.explaining import (
    Rescored,
    compare,
    compare_by_group,
    explain,
    explain_pairs,
    rescored,
    why_not,
    why_unmatched,
)
from matching.engine.model import (
    SCALE,
    Answer,
    Criterion,
    Id,
    Objective,
    People,
    Person,
    Policy,
    Pool,
    Rule,
)
from matching.engine.peers import (
    MOST_EXACT_PEERS,
    LeftOver,
    PeerPair,
    PeersSolution,
    half,
    solve_peers,
)
from matching.engine.placing import (
    Placed,
    Places,
    placed_circles,
    placed_pairs,
    placed_peers,
    places_of,
)
from matching.engine.remedies import smallest_changes
from matching.engine.results import (
    Certificate,
    Comparison,
    Explanation,
    Move,
    Pair,
    Reason,
    RuleEffect,
    Solution,
    Unmatched,
    Violation,
    WhyNot,
    fingerprint_of,
)
from matching.engine.rules import ALWAYS_ON, NEVER_OVERRIDDEN, RULES
from matching.engine.scoring import Scored, score_pool
from matching.engine.solver import solve, solve_scores

__all__ = [
    "ALWAYS_ON",
    "CRITERIA",
    "MOST_EXACT_PEERS",
    "NEVER_OVERRIDDEN",
    "RULES",
    "SCALE",
    "Answer",
    "Blocking",
    "BlockingPair",
    "BrokenPair",
    "Cancelled",
    "Certificate",
    "Chains",
    "Circle",
    "CircleShape",
    "CirclesSolution",
    "Comparison",
    "Criterion",
    "DuplicateId",
    "EngineError",
    "Explanation",
    "Id",
    "InvalidCapacity",
    "InvalidOverride",
    "InvalidPolicy",
    "InvalidPool",
    "InvalidScores",
    "JudgedCircle",
    "LeftOver",
    "LockedBeyondCapacity",
    "LockedPairForbidden",
    "LockedTwice",
    "Move",
    "NegativeCapacity",
    "NoPrices",
    "NotProved",
    "Objective",
    "Pair",
    "PeerPair",
    "PeersSolution",
    "People",
    "Person",
    "Placed",
    "Places",
    "Policy",
    "Pool",
    "Reason",
    "Rescored",
    "Rule",
    "RuleEffect",
    "Scored",
    "Seat",
    "Solution",
    "TooManyForLeximin",
    "TooManyPeers",
    "UnknownId",
    "Unmatched",
    "Violation",
    "WhyNot",
    "alternatives_of",
    "blocking_pairs",
    "check",
    "check_circles",
    "check_peers",
    "compare",
    "compare_by_group",
    "explain",
    "explain_pairs",
    "fingerprint_of",
    "half",
    "judge_circle",
    "placed_circles",
    "placed_pairs",
    "placed_peers",
    "places_of",
    "rescored",
    "rule_effects",
    "score_pool",
    "smallest_changes",
    "solve",
    "solve_circles",
    "solve_peers",
    "solve_scores",
    "why_not",
    "why_unmatched",
]
