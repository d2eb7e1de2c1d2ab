"""The nouns: every frozen type that crosses a doorway between rooms.

Nothing here reads, writes or knows a maker.
"""

from auditor.model.assets import Asset, Hearsay, Place, Seen
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
from auditor.model.verdicts import (
    AuditedAsset,
    Claim,
    Evidence,
    Example,
    Finding,
    Outcome,
    Rule,
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
    "Claim",
    "Credential",
    "Evidence",
    "Example",
    "Fact",
    "Finding",
    "Hearsay",
    "Obligation",
    "Observation",
    "Outcome",
    "Place",
    "Reason",
    "Record",
    "Rule",
    "Run",
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
