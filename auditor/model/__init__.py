"""The nouns: every frozen type that crosses a doorway between rooms.

Nothing here reads, writes or knows a maker.
"""

from auditor.model.assets import Asset, Place, Said, Seen
from auditor.model.audit import Audit, Tables
from auditor.model.facts import (
    CONCLUDED,
    CONCLUDED_BY,
    OURS,
    REPORT_MARK,
    SAID_BY,
    Credential,
    Fact,
    Observation,
    Reason,
    Record,
    Run,
    Scope,
    Span,
    Target,
    Unread,
    VarBind,
    quick_fact,
)
from auditor.model.laws import Applies, Obligation, Waiver
from auditor.model.limits import Limits
from auditor.model.verdicts import (
    AuditedAsset,
    Evidence,
    Example,
    Finding,
    Outcome,
    Rule,
    Says,
    Strength,
    Tier,
    Verdict,
)

__all__ = [
    "CONCLUDED",
    "CONCLUDED_BY",
    "OURS",
    "REPORT_MARK",
    "SAID_BY",
    "Applies",
    "Asset",
    "Audit",
    "AuditedAsset",
    "Credential",
    "Evidence",
    "Example",
    "Fact",
    "Finding",
    "Limits",
    "Obligation",
    "Observation",
    "Outcome",
    "Place",
    "Reason",
    "Record",
    "Rule",
    "Run",
    "Said",
    "Says",
    "Scope",
    "Seen",
    "Span",
    "Strength",
    "Tables",
    "Target",
    "Tier",
    "Unread",
    "VarBind",
    "Verdict",
    "Waiver",
    "quick_fact",
]
