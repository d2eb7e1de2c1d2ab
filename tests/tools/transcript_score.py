"""Measure how many rows of recorded CLI tables come out whole, as a reply and as a session.

`AUDITOR_REPLIES` is a folder laid out as the tests of ntc-templates are, `PLATFORM/COMMAND/NAME.raw` beside `NAME.yml`;
by default ../shared/corpus/ntc. The folder is read where it lies; nothing of it is kept.

    python -m tests.tools.transcript_score [--list] [PLATFORM…]
"""

import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from auditor import normal
from auditor.imports import registry
from auditor.imports.source import SourceFile
from auditor.model import Fact, Observation, Record, Unread, ip_of
from auditor.parse import cli

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(os.environ.get("AUDITOR_REPLIES", ROOT.parent / "shared" / "corpus" / "ntc"))
AT = datetime(2026, 11, 30, tzinfo=UTC)
PORTS = ("local_interface", "local_port", "port", "destination_port", "interface", "ports", "fsp")
# Who the neighbour is and what it says of itself, by the names templates give the columns.
HEARD = {
    "lldp.chassis": ("chassis_id", "remote_chassis_id"),
    "name": ("neighbor_name", "neighbor", "remote_system_name", "identity"),
    "lldp.sysdescr": ("neighbor_description", "remote_system_description", "system_description"),
    "lldp.portid": ("neighbor_interface", "neighbor_port_id", "remote_port"),
    "lldp.address": ("mgmt_address", "management_ip"),
    "cdp.platform": ("platform",),
}
MACS = ("mac_address", "hardware_address", "destination_address", "mac", "macaddress")
NO_PORT = re.compile(r"cpu|router|switch|management|self|sup-eth.*|-?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One recorded reply, its command, and the rows that must come out."""

    platform: str
    command: str
    sort: str
    text: str
    rows: Sequence[Mapping[str, object]]


def cases(folder: Path) -> Iterator[Case]:
    """Yield the replies of a folder that hold a table of ARP, MACs, LLDP or CDP."""
    for path in sorted(folder.glob("*/*/*.raw")):
        command = path.parent.name.replace("_", " ")
        sort = cli.purpose(command)
        if sort in {"arp", "mac", "lldp", "cdp"} and path.with_suffix(".yml").exists():
            table = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["parsed_sample"] or ()
            text = path.read_text(encoding="utf-8", errors="replace")
            yield Case(platform=path.parent.parent.name, command=command, sort=sort, text=text, rows=table)


def read(text: str, name: str) -> list[Record]:
    """Return what importing a file of that name and text brings."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_text(text, encoding="utf-8")
        source = SourceFile(path=path, site="lab", at=AT, warn=lambda _: None)
        return list(registry.read_among(source))


def forms(case: Case) -> Iterator[tuple[str, list[Record]]]:
    """Yield a reply as people keep it: in a file named after its command, and in a session's log."""
    yield "reply", read(case.text, f"sw1_{case.command.replace('/', '-').replace(' ', '_')}.txt")
    yield "session", read(f"sw1#{case.command}\n{case.text}\nsw1#\n", "sw1.log")


def facts_of(records: Sequence[Record]) -> list[Fact]:
    """Return all facts of the records."""
    return [fact for record in records if isinstance(record, Observation) for fact in record.facts]


def cell(row: Mapping[str, object], *names: str) -> str:
    """Return the first cell of a row that holds something, of several names."""
    for name in names:
        value = row.get(name) or ""
        value = (value or [""])[0] if isinstance(value, list) else value
        if str(value).strip():
            return str(value).strip()
    return ""


def flat(text: str) -> str:
    """Return text without blanks and marks, in lower case."""
    return normal.mac(text) or re.sub(r"[\s\"',]", "", text).lower()


def lacks(case: Case, row: Mapping[str, object], facts: Sequence[Fact]) -> str:
    """Return what of a row did not come out, in words; `-` where the row has nothing to tell."""
    if case.sort in {"lldp", "cdp"}:
        return _heard(row, facts)
    mac = normal.mac(cell(row, *MACS))
    if not int(mac or "0", 16):
        return "-"
    if case.sort == "arp":
        address = flat(cell(row, "ip_address", "address", "ipv6_address", "destination", "host"))
        pairs = {(normal.mac(fact.value), flat(ip_of(fact.about))) for fact in facts if fact.kind == "arp.mac"}
        own = {normal.mac(fact.value) for fact in facts if fact.kind == "if.mac"}
        return "" if (mac, address) in pairs or mac in own else f"{mac} at {address}"
    return _forwarded(row, mac, facts)


def _forwarded(row: Mapping[str, object], mac: str, facts: Sequence[Fact]) -> str:
    port, vlan = cell(row, *PORTS), cell(row, "vlan_id", "vlan", "vid")
    if NO_PORT.fullmatch(port) or normal.is_group(mac):
        return "-"
    about = {fact.about for fact in facts if fact.kind == "fdb.mac" and normal.mac(fact.value) == mac}
    got = {
        kind: {flat(fact.value) for fact in facts if fact.kind == kind and fact.about in about}
        for kind in ("fdb.port", "fdb.vlan")
    }
    if not about:
        return f"{mac}"
    if not any(flat(port) in value for value in got["fdb.port"]):
        return f"{mac} on {port}: {sorted(got['fdb.port'])}"
    return (
        f"{mac} in VLAN {vlan}: {sorted(got['fdb.vlan'])}" if vlan.isdecimal() and vlan not in got["fdb.vlan"] else ""
    )


def _heard(row: Mapping[str, object], facts: Sequence[Fact]) -> str:
    want = {kind: flat(cell(row, *names)) for kind, names in HEARD.items()}
    want["local"] = flat(cell(row, *PORTS).partition(",")[0])
    want = {kind: value for kind, value in want.items() if value and value not in {"-", "n/a", "null", "notadvertised"}}
    if not want.keys() - {"local"}:
        return "-"
    best = set(want)
    for about in {fact.about for fact in facts if fact.kind.startswith(("lldp.", "cdp."))}:
        have: dict[str, set[str]] = {}
        for fact in facts:
            if fact.about == about:
                kind = {
                    "lldp.sysname": "name",
                    "cdp.deviceid": "name",
                    "lldp.localport": "local",
                    "cdp.localport": "local",
                    "cdp.address": "lldp.address",
                }.get(fact.kind, fact.kind)
                have.setdefault(kind, set()).add(flat(fact.value))
        have["lldp.chassis"] = have.get("lldp.chassis", set()) | have.get("name", set())
        have["name"] = have.get("name", set()) | have["lldp.chassis"]
        missing = {kind for kind, value in want.items() if not _told(kind, value, have.get(kind, set()))}
        best = missing if len(missing) < len(best) else best
    return ", ".join(f"{kind} {want[kind][:40]}" for kind in sorted(best))


def _told(kind: str, value: str, have: set[str]) -> bool:
    """Tell whether a value came out; templates keep the first line of a description."""
    return value in have or (kind == "lldp.sysdescr" and any(text.startswith(value) for text in have))


def main() -> None:
    """Print rows whole and rows lost, by sort and platform."""
    if not FOLDER.is_dir():
        sys.exit(f"{FOLDER} is no folder; name one in AUDITOR_REPLIES")
    names = [word for word in sys.argv[1:] if not word.startswith("--")]
    score: Counter[tuple[str, str, str]] = Counter()
    for case in cases(FOLDER):
        if names and case.platform not in names:
            continue
        for form, records in forms(case):
            facts, is_told = facts_of(records), any(isinstance(record, Unread) for record in records)
            lost = [lack for row in case.rows if (lack := lacks(case, row, facts)) != "-"]
            for lack in lost:
                word = "told" if is_told else "silent"
                for key in ((case.sort, form), (case.platform, form)):
                    score[(*key, word if lack else "whole")] += 1
            if "--list" in sys.argv and any(lost):
                first = next(filter(None, lost))
                words = (form, case.platform, case.command, f"{sum(map(bool, lost))}/{len(lost)}", first)
                sys.stdout.write(" ".join(words) + (" told\n" if is_told else " SILENT\n"))
    for key in dict.fromkeys(key[:2] for key in sorted(score)):
        whole, told, silent = (score[(*key, word)] for word in ("whole", "told", "silent"))
        sum_of = whole + told + silent
        sys.stdout.write(
            f"{key[0]:24} {key[1]:8} {whole:4} of {sum_of:4} whole, {told} told, {silent} lost in silence\n"
        )


if __name__ == "__main__":
    main()
