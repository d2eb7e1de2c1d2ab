"""One asset judged by the rules alone."""

from datetime import date

from auditor.judge import judge
from auditor.model import AuditedAsset, CollectedAsset
from auditor.pipeline import Knowledge, terms_of
from auditor.rules.match import match


def judge_one(asset: CollectedAsset, knowledge: Knowledge, as_of: date) -> AuditedAsset:
    """Return what the rules say of one asset, before any law is asked."""
    book, registry = knowledge.book, knowledge.registry
    return judge(asset, match(book, asset, registry), terms_of(book, registry), as_of)
