"""A small fixed audit, and a large one, for the tests of reports.

Everything in them is invented.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from auditor.model import (
    Applies,
    Asset,
    Audit,
    AuditedAsset,
    Claim,
    Confidence,
    Evidence,
    Fact,
    Finding,
    Gateway,
    Hearsay,
    Link,
    LinkSource,
    Obligation,
    Outcome,
    Part,
    Place,
    Reason,
    Run,
    Seen,
    SiteSighting,
    Strength,
    Tables,
    Target,
    Tier,
    Unread,
    Verdict,
    Waiver,
)

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

FCC = Obligation(
    policy="us-fcc-covered-list",
    title="FCC Covered List",
    duty="Report this equipment in the annual supply chain report.",
    applies=Applies.YES,
    since=date(2021, 3, 12),
    due=date(2027, 3, 31),
    jurisdiction="United States",
    cite="47 CFR 1.50007",
    url="https://www.ecfr.gov/current/title-47/section-1.50007",
    bound="Providers of advanced communications service",
    needs=("date of acquisition",),
)
NDAA = Obligation(
    policy="us-ndaa-889",
    title="NDAA section 889",
    duty="Do not use this equipment as a substantial component of a system.",
    applies=Applies.IF_PURPOSE,
    since=date(2019, 8, 13),
    due=date(2020, 8, 13),
    jurisdiction="United States",
    cite="Pub. L. 115-232 s. 889(a)(1)(A)",
    condition="Video surveillance gear, where it is used for public safety or the security of government facilities",
    needs=("purpose of use",),
)
VRP = Fact(
    kind="snmp.sysdescr",
    value="S5720-28X-SI-AC\r\nHuawei Versatile Routing Platform Software\r\nVRP (R) software,Version 5.170 (S5720 "
    "V200R011C10SPC600)",
    where="1.3.6.1.2.1.1.1.0",
)
CAMERA_MAC = Fact(
    kind="fdb.mac", value="e0:50:8b:00:00:07", where="1.3.6.1.2.1.17.7.1.2.2.1.2.20", about="mac:e0508b000007"
)


def proof(rule: str, maker: str, fact: Fact, **more: object) -> Evidence:
    """Return a piece of evidence with sensible words."""
    values: dict[str, object] = {
        "rule": rule,
        "says": Claim(maker=maker),
        "strength": Strength.PROOF,
        "because": "VRP is the operating system Huawei writes for its own routers and switches.",
        "source": "samples/huawei/s5720.snmprec",
        "fact": fact,
        "witness": "snmp-system",
        "captures": (("model", "S5720"), ("release", "V200R011C10SPC600")),
    }
    return Evidence(**{**values, **more})  # type: ignore[arg-type]


PREFIX = proof(
    "dahua/oui",
    "dahua",
    CAMERA_MAC,
    strength=Strength.STRONG,
    because="The prefix is registered to Dahua.",
    source="oui_rules/oui/dahua.tsv",
    witness="mac",
    captures=(),
    by="serial:2102350DLS10000001",
    cap=Verdict.PROBABLE,
)


DOUBT = replace(
    PREFIX,
    rule="lookalikes/scale-factory",
    because="Shanghai Dahua Scale Factory builds scales and is a stranger.",
    against=("dahua",),
    strength=Strength.HINT,
)
EDGE = Place(
    switch="sw-hq-1", port="GE0/0/7", vlan=20, because="fewest MACs on the port (1), no neighbour speaks LLDP there"
)


SUPPLY = Part(
    part="67", sort="powerSupply", name="PWR 1", description="AC power module", vendor="Acme", model="PAC-600S",
    serial="PSU0000000017",
)  # fmt: skip
MODULE = Part(part="part:1003", sort="module", name="LTE 1", model="MF206", serial="LTE0000000031", firmware="1.2")


def switch() -> AuditedAsset:
    """Return a confirmed finding on a switch that spoke for itself."""
    asset = Asset(
        key="serial:2102350DLS10000001",
        site="hq",
        address="192.0.2.1",
        addresses=("192.0.2.1", "198.51.100.1"),
        name="sw-hq-1",
        macs=("00e0fc000001",),
        serial="2102350DLS10000001",
        seen=Seen.READ,
        collectors=("snmp",),
        parts=(SUPPLY,),
    )
    finding = Finding(
        id="f-0001",
        maker="huawei",
        tier=Tier.COVERED,
        brand="huawei",
        model="S5720-28X-SI-AC",
        category="switch",
        firmware="V200R011C10SPC600",
        serial="2102350DLS10000001",
        verdict=Verdict.CONFIRMED,
        evidence=(proof("huawei/vrp-sysdescr", "huawei", VRP),),
        obligations=(FCC,),
    )
    return AuditedAsset(asset=asset, outcome=Outcome.MATCH, findings=(finding,))


def stack() -> AuditedAsset:
    """Return that switch with a second member in its stack, of its own serial and model."""
    one = switch()
    member = replace(
        one.findings[0], id="f-0006", part="2001", unit="Switch 2", serial="2102350DLS10000002", model="S5720-52X-SI-AC"
    )
    return replace(one, parts=(member,))


def camera() -> AuditedAsset:
    """Return a probable finding on a camera nobody could read, with a word against it."""
    asset = Asset(
        key="mac:e0508b000007",
        site="hq",
        macs=("e0508b000007",),
        seen=Seen.HEARD,
        place=EDGE,
        hearsay=(Hearsay(by="serial:2102350DLS10000001", fact=CAMERA_MAC),),
    )
    finding = Finding(
        id="f-0002",
        maker="dahua",
        tier=Tier.COVERED,
        brand="lorex",
        category="camera",
        verdict=Verdict.PROBABLE,
        evidence=(PREFIX,),
        against=(DOUBT,),
        obligations=(NDAA, FCC),
    )
    return AuditedAsset(asset=asset, outcome=Outcome.MATCH, findings=(finding,))


def waived() -> AuditedAsset:
    """Return a possible finding that somebody set aside."""
    fact = Fact(kind="http.server", value="App-webs/", where="/")
    asset = Asset(
        key="ip:192.0.2.9", site="depot", address="192.0.2.9", addresses=("192.0.2.9",), name="gate", seen=Seen.READ
    )
    finding = Finding(
        id="f-0003",
        maker="hikvision",
        tier=Tier.COVERED,
        category="video",
        verdict=Verdict.POSSIBLE,
        evidence=(
            proof(
                "hikvision/app-webs",
                "hikvision",
                fact,
                strength=Strength.HINT,
                because="The web server of its cameras names itself so, as do others.",
                source="https://example.org/note",
                witness="http",
                captures=(),
            ),
        ),
        obligations=(NDAA,),
        waiver=Waiver(
            finding="f-0003", who="A. Auditor", why="removal is ordered", authority="CR-17", until=date(2027, 1, 31)
        ),
    )
    return AuditedAsset(asset=asset, outcome=Outcome.MATCH, findings=(finding,))


def others() -> Iterator[AuditedAsset]:
    """Yield assets without a covered finding.

    No match with a covered part, undetermined, watched, unread.
    """
    yield _router()
    unknown = Asset(key="mac:02000000000a", site="depot", macs=("02000000000a",), seen=Seen.HEARD)
    yield AuditedAsset(
        asset=unknown, outcome=Outcome.UNDETERMINED, why="its MAC is locally administered, nothing else was seen"
    )
    yield _watched()
    silent = Asset(key="ip:192.0.2.77", site="hq", address="192.0.2.77", addresses=("192.0.2.77",), seen=Seen.HEARD)
    yield AuditedAsset(asset=silent, outcome=Outcome.UNREAD, why="no reply to 3 requests")


def _watched() -> AuditedAsset:
    fact = Fact(kind="inventory.vendor", value="TP-Link", where="vendor")
    watch = Finding(
        id="f-0005", maker="tp-link", tier=Tier.WATCH, brand="tp-link", category="router", verdict=Verdict.PROBABLE,
        evidence=(proof("tp-link/inventory", "tp-link", fact, strength=Strength.STRONG, because=
        "The inventory says so.", captures=()),),
    )  # fmt: skip
    listed = Asset(key="label:ap-3", site="depot", address="ap-3", name="ap-3", seen=Seen.READ, collectors=("csv",))
    return AuditedAsset(
        asset=listed,
        outcome=Outcome.NO_MATCH,
        findings=(watch,),
        why="1 deciding fact, no rule for a covered maker fired",
    )


def _router() -> AuditedAsset:
    module = Fact(kind="entity.descr", value="LTE module", where="1003", about="part:1003")
    part = Finding(
        id="f-0004",
        maker="zte",
        tier=Tier.COVERED,
        category="component",
        verdict=Verdict.CONFIRMED,
        part="part:1003",
        evidence=(proof("zte/module", "zte", module, because="ZTE names its modules so.", captures=()),),
    )
    router = Asset(
        key="serial:FTX0000A001", site="depot", address="192.0.2.10", addresses=("192.0.2.10",), name="rt-1",
        serial="FTX0000A001", seen=Seen.READ, collectors=("snmp", "ssh"),
        parts=(MODULE,),
    )  # fmt: skip
    return AuditedAsset(
        asset=router, outcome=Outcome.NO_MATCH, parts=(part,), why="3 deciding facts, no rule for a covered maker fired"
    )


def audit() -> Audit:
    """Return the fixed audit behind the golden files."""
    return Audit(
        tool="0.1.0",
        tables=Tables(
            rules="2026-11-20",
            oui=date(2026, 6, 25),
            policies=(("us-fcc-covered-list", date(2026, 8, 20)), ("us-ndaa-889", date(2019, 8, 13))),
        ),
        run=Run(id="run-1", started=datetime(2026, 11, 21, 11, 0, tzinfo=UTC), tool="0.1.0", sites=("depot", "hq")),
        finished=NOON,
        as_of=date(2026, 11, 21),
        assets=(switch(), camera(), waived(), *others()),
        unread=(
            unread("192.0.2.77", "hq", Reason.TIMEOUT, "no reply to 3 requests"),
            unread("192.0.2.10", "depot", Reason.AUTHENTICATION, "login refused; 1 attempt made"),
        ),
        notes=("the OUI table is 149 days old",),
    )


def device_of(made: Audit, finding: str) -> AuditedAsset:
    """Return the device a finding is on, by the id of the finding."""
    return next(item for item in made.assets for one in (*item.findings, *item.parts) if one.id == finding)


def silent(made: Audit) -> AuditedAsset:
    """Return the device that could not be read."""
    return next(item for item in made.assets if item.outcome is Outcome.UNREAD)


def unread(address: str, site: str, reason: Reason, detail: str) -> Unread:
    """Return a device that could not be examined."""
    return Unread(target=Target(address=address, site=site), collector="snmp", at=NOON, reason=reason, detail=detail)


def large(assets: int, findings: int) -> Audit:
    """Return an audit of many assets at 40 sites, the first `findings` of which are accused."""
    return replace(audit(), assets=tuple(_numbered(index, accused=index < findings) for index in range(assets)))


def _numbered(index: int, *, accused: bool) -> AuditedAsset:
    model = switch() if index % 2 else camera()
    number = f"{index:06x}"
    asset = replace(
        model.asset,
        key=f"serial:{number}",
        site=f"site-{index % 40:02d}",
        address=f"198.51.{index // 250 % 250}.{index % 250}",
        name=f"device-{number}",
        macs=(f"00e0fc{number}",),
        serial=f"SN{number}",
    )
    if not accused:
        return AuditedAsset(
            asset=asset, outcome=Outcome.NO_MATCH, why="3 deciding facts, no rule for a covered maker fired"
        )
    makers = ("huawei", "zte", "hikvision", "dahua", "hytera")
    finding = replace(
        model.findings[0],
        id=f"f-{number}",
        maker=makers[index % 5],
        verdict=Verdict(index % 3 + 1),
        model=f"M-{index % 97}",
    )
    return AuditedAsset(asset=asset, outcome=Outcome.MATCH, findings=(finding,))


def poisoned(base: Audit, value: Callable[[], str]) -> Audit:
    """Return an audit with a hostile string wherever a device or a person may speak."""
    assets = [_poison(item, value) for item in base.assets]
    keys = [item.asset.key for item in assets]
    return replace(
        base,
        assets=tuple(_hang(item, keys[0]) for item in assets),
        unread=tuple(
            replace(item, target=Target(address=value(), site=value()), detail=value()) for item in base.unread
        ),
        run=replace(base.run, sites=(value(),)),
        notes=(value(),),
        links=tuple(_poison_links(keys, value)),
        gateways=(Gateway(asset=keys[0], because=value()), Gateway(asset=value(), because=value())),
    )


def _hang(item: AuditedAsset, key: str) -> AuditedAsset:
    """Return an asset plugged into the first one, so that drawings have every name."""
    place = item.asset.place and replace(item.asset.place, carriers=(key,))
    return replace(item, asset=replace(item.asset, place=place))


def _poison_links(keys: Sequence[str], value: Callable[[], str]) -> Iterator[Link]:
    for source, one, other in zip(LinkSource, keys[1:], keys[2:], strict=False):
        yield Link(one=one, port=value(), other=other, far_port=value(), source=source)
    yield Link(one=value(), port=value(), other=value(), far_port=value(), source=LinkSource.CDP)


def _poison(item: AuditedAsset, value: Callable[[], str]) -> AuditedAsset:
    switch, port, words = value(), value(), value()
    place = Place(switch=switch, port=port, vlan=1, because=words, behind=words, confidence=Confidence.MEDIUM)
    asset = replace(
        item.asset,
        key=value(),
        site=value(),
        address=value(),
        addresses=(value(),),
        name=value(),
        serial=value(),
        place=place,
        conflicts=(words,),
        remarks=(words,),
        sightings=(SiteSighting(site=words, address=words),),
        parts=tuple(_poison_part(part, value) for part in item.asset.parts),
    )
    findings, parts = (
        tuple(_poison_finding(finding, value) for finding in group) for group in (item.findings, item.parts)
    )
    return replace(item, asset=asset, findings=findings, parts=parts, why=value())


def _poison_part(part: Part, value: Callable[[], str]) -> Part:
    return replace(part, **{name: value() for name in Part.__slots__})


def _poison_finding(finding: Finding, value: Callable[[], str]) -> Finding:
    evidence = tuple(
        replace(item, fact=replace(item.fact, value=value(), where=value()), captures=(("model", value()),), by=value())
        for item in finding.evidence
    )
    waiver = finding.waiver and replace(finding.waiver, who=value(), why=value(), authority=value())
    return replace(
        finding, model=value(), brand=value(), firmware=value(), serial=value(), evidence=evidence, waiver=waiver,
        part=finding.part and value(), unit=finding.unit and value(),
    )  # fmt: skip
