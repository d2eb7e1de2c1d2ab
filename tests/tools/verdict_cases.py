"""Pieces of evidence, assets and terms of invented makers, and what is judged of them."""

from datetime import date

from auditor.judge import Terms, judge
from auditor.model import AuditedAsset, Claim, CollectedAsset, Evidence, Fact, Hearsay, Seen, Strength, Tier, Verdict

TODAY = date(2026, 11, 21)
TERMS = Terms(
    tiers={"acme": Tier.COVERED, "bolt": Tier.COVERED, "eyes": Tier.WATCH, "other": Tier.OTHER},
    names={"acme": "Acme", "other": "Other"},
    decides=frozenset({"snmp.sysdescr", "if.mac", "lldp.sysdescr"}),
    broad=frozenset({"network"}),
    books=frozenset({"inventory.model"}),
    shared_labels=frozenset({"Label"}),
    plain=lambda fact: "Linux runs everywhere." if fact.value.startswith("Linux") else "",
)
HINT, STRONG, PROOF = Strength


def said(  # noqa: PLR0913  each word of a piece of evidence may matter to a verdict
    strength: Strength,
    witness: str = "snmp-system",
    maker: str = "acme",
    *,
    against: tuple[str, ...] = (),
    cap: Verdict = Verdict.CONFIRMED,
    about: str = "",
    by: str = "",
    since: date | None = None,
    until: date | None = None,
    model: str = "",
    category: str = "",
    **captures: str,
) -> Evidence:
    return Evidence(
        rule=f"{maker}/{witness}-{strength.word}",
        says=Claim(maker=maker, model=model, category=category),
        strength=strength,
        because="It says so of itself.",
        source="samples/x",
        fact=Fact(kind="snmp.sysdescr", value="text", about=about),
        witness=witness,
        captures=tuple(sorted(captures.items())),
        against=against,
        cap=cap,
        by=by,
        since=since,
        until=until,
    )


def asset(*facts: Fact, heard: tuple[Hearsay, ...] = (), serial: str = "") -> CollectedAsset:
    return CollectedAsset(key="hq/1", site="hq", seen=Seen.READ, facts=facts, hearsay=heard, serial=serial)


SPOKE = asset(Fact(kind="snmp.sysdescr", value="Box 1"))


def judged(*evidence: Evidence, one: CollectedAsset = SPOKE) -> AuditedAsset:
    return judge(one, evidence, TERMS, TODAY)


def verdict(*evidence: Evidence) -> str:
    found = {finding.maker: finding.verdict.word for finding in judged(*evidence).findings}
    return found.get("acme", "")
