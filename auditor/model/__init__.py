"""The nouns: every frozen type that crosses a doorway between rooms.

Nothing here reads, writes or knows a maker.
"""

from auditor.model.assets import Asset as Asset
from auditor.model.assets import CollectedAsset as CollectedAsset
from auditor.model.assets import Hearsay as Hearsay
from auditor.model.assets import Place as Place
from auditor.model.assets import Seen as Seen
from auditor.model.audit import Audit as Audit
from auditor.model.audit import Tables as Tables
from auditor.model.facts import CONCLUDED as CONCLUDED
from auditor.model.facts import CONCLUDED_BY as CONCLUDED_BY
from auditor.model.facts import OURS as OURS
from auditor.model.facts import REPORT_MARK as REPORT_MARK
from auditor.model.facts import SAID_BY as SAID_BY
from auditor.model.facts import Credential as Credential
from auditor.model.facts import Fact as Fact
from auditor.model.facts import Observation as Observation
from auditor.model.facts import Reason as Reason
from auditor.model.facts import Record as Record
from auditor.model.facts import Run as Run
from auditor.model.facts import Scope as Scope
from auditor.model.facts import Span as Span
from auditor.model.facts import SweepNote as SweepNote
from auditor.model.facts import Target as Target
from auditor.model.facts import Unread as Unread
from auditor.model.facts import VarBind as VarBind
from auditor.model.facts import quick_fact as quick_fact
from auditor.model.kinds import DEVICE as DEVICE
from auditor.model.kinds import KINDS as KINDS
from auditor.model.kinds import About as About
from auditor.model.kinds import Kind as Kind
from auditor.model.kinds import about_address as about_address
from auditor.model.kinds import about_lldp as about_lldp
from auditor.model.kinds import about_mac as about_mac
from auditor.model.kinds import about_ont as about_ont
from auditor.model.kinds import about_part as about_part
from auditor.model.kinds import ip_of as ip_of
from auditor.model.kinds import kind_of as kind_of
from auditor.model.kinds import part_of as part_of
from auditor.model.laws import Applies as Applies
from auditor.model.laws import Obligation as Obligation
from auditor.model.laws import Waiver as Waiver
from auditor.model.limits import Limits as Limits
from auditor.model.order import order as order
from auditor.model.verdicts import AuditedAsset as AuditedAsset
from auditor.model.verdicts import Claim as Claim
from auditor.model.verdicts import Evidence as Evidence
from auditor.model.verdicts import Example as Example
from auditor.model.verdicts import Finding as Finding
from auditor.model.verdicts import Outcome as Outcome
from auditor.model.verdicts import Rule as Rule
from auditor.model.verdicts import Strength as Strength
from auditor.model.verdicts import Tier as Tier
from auditor.model.verdicts import Verdict as Verdict
