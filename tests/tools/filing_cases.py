"""A case for the tests of filings.

The fixed audit with every law asked of it, and facts as text.
"""

from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files

from auditor.model import Strength, Verdict
from auditor.paperwork.case import FilingInputs
from auditor.paperwork.facts import read
from auditor.paperwork.filled import fill
from auditor.paperwork.registry import all_filings
from auditor.policy.load import load as load_policies
from auditor.policy.oblige import Circumstances, oblige
from auditor.report.base import Options
from tests.tools.audits import audit

SHELF = all_filings()
POLICIES = load_policies([files("oui_rules") / "policies"])
TODAY = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)


def weighed(base, told):
    """Return an audit with every law asked, as the command does."""

    def again(item):
        def one(finding):
            around = Circumstances(purposes=told.purposes(item.asset), acquired=told.obtained(item.asset, finding))
            return replace(finding, obligations=oblige(finding, around, POLICIES, base.as_of))

        return replace(item, findings=tuple(map(one, item.findings)), parts=tuple(map(one, item.parts)))

    tables = replace(base.tables, policies=tuple((policy.id, policy.read_on) for policy in POLICIES))
    return replace(base, tables=tables, assets=tuple(map(again, base.assets)))


def with_two_witnesses(base):
    """Return an audit in which more than a MAC speaks for each finding."""

    def more(finding):
        first = finding.evidence[0]
        says = replace(first, rule=f"{finding.maker}/label", strength=Strength.HINT, witness="label")
        return replace(finding, evidence=(*finding.evidence, says))

    return replace(base, assets=tuple(replace(item, findings=tuple(map(more, item.findings))) for item in base.assets))


def case(facts="", base=None, at_least=Verdict.PROBABLE, **more):
    """Return a case over the fixed audit or another one."""
    told = read(facts, "facts.toml", SHELF.questions)
    return FilingInputs(
        audit=weighed(base or with_two_witnesses(audit()), told), facts=told, filings=SHELF, today=TODAY,
        options=Options(), at_least=at_least, **more
    )  # fmt: skip


def filled(name, facts="", **more):
    """Return a filing filled in."""
    return fill(case(facts, **more), SHELF.by_id[name])


def rows(made, number=0):
    """Return the rows of a table as dicts, the marks of the columns taken off."""
    table = made.tables[number]
    names = [label.rsplit(" (", 1)[0] for label in table.head]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


def gap(made, what):
    """Return one gap by what is missing, or nothing."""
    return next((one for one in made.gaps if one.what == what), None)
