"""What comes out of replies that were looked up, against the rows that stand beside them.

python -m tests.tools.first_sight [PATTERN]          print what is missing or too much, and the sums
"""

import re
import sys
from collections.abc import Sequence
from functools import cache

from auditor import normal
from auditor.model import AuditedAsset, Fact, Record, Run, Seen, Unread, ip_of
from auditor.pipeline import AuditCase, Knowledge, audit, learn
from tests.tools.replies import FOLDER
from tests.tools.transcript_score import AT, facts_of, read

FILES = "*_sight_replies*.txt"
REMEMBERED = "remembered_replies.txt"
_HEADING = re.compile(r"^=== (?=[^\n=]*\|)", re.MULTILINE)
_TOLD = {
    "name": ("lldp.sysname", "cdp.deviceid", "lldp.chassis"), "local": ("lldp.localport", "cdp.localport"),
    "chassis": ("lldp.chassis", "lldp.sysname"), "portid": ("lldp.portid",), "platform": ("cdp.platform",),
    "address": ("lldp.address", "cdp.address"),
}  # fmt: skip

Row = dict[str, str]


class LookedUpReply:
    """One reply of a file: its command, its source, whether it was right at first sight, its rows."""

    def __init__(self, part: str) -> None:
        heading, _, rest = part.partition("\n")
        self.name, self.command, self.source, *sight = (word.strip() for word in heading.split("|"))
        self.sight = sight[0] if sight else ""
        body = rest.split("\n")
        count = next((number for number, line in enumerate(body) if not line.startswith("> ")), 0)
        self.rows = [(words[0], dict(word.split("=", 1) for word in words[1:])) for words in map(_words, body[:count])]
        self.text = "\n".join(body[count:])


def _words(line: str) -> list[str]:
    return line.removeprefix("> ").split()


@cache
def replies(pattern: str = FILES) -> dict[str, LookedUpReply]:
    """Return the replies of all files of a pattern by their names."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob(pattern))]
    parts = [part for text in texts for part in _HEADING.split(text)[1:]]
    return {reply.name: reply for reply in map(LookedUpReply, parts)}


@cache
def known() -> Knowledge:
    """Return the rules that come with the program."""
    return learn()


def faults(reply: LookedUpReply, records: Sequence[Record] | None = None) -> list[str]:
    """Return in words what of a reply is missing, wrong or too much; an unread as well.

    `records` are what an import of it brought; without them it is imported as the log of a session.
    """
    if records is None:
        records = read(f"sw1#{reply.command}\n{reply.text}\nsw1#\n", "sw1.log")
    unread = [f"unread: {record.detail}" for record in records if isinstance(record, Unread)]
    sorts = {sort for sort, _ in reply.rows}
    rows = [row for _, row in reply.rows]
    if sorts == {"own"}:
        return [*_own(rows[0], records), *unread]
    said = facts_of(records)
    return [*(_pairs(sorts.pop(), rows, said) if sorts <= {"arp"} or sorts <= {"mac"} else _heard(rows, said)), *unread]


def _pairs(sort: str, rows: Sequence[Row], said: Sequence[Fact]) -> list[str]:
    if sort == "arp":
        want = {(row["mac"], row["address"]) for row in rows}
        have = {(normal.mac(fact.value), ip_of(fact.about)) for fact in said if fact.kind == "arp.mac"}
        have = {(mac, address) for mac, address in have if not normal.is_group(mac)}
    else:
        want = {(row["mac"], row["port"].lower(), row["vlan"]) for row in rows}
        places = {
            (kind, fact.about): [
                _flat(other.value) for other in said if (other.kind, other.about) == (kind, fact.about)
            ]
            for fact in said
            for kind in ("fdb.port", "fdb.vlan")
        }
        have = {
            (normal.mac(fact.value), port, vlan)
            for fact in said
            if fact.kind == "fdb.mac"
            for port in places["fdb.port", fact.about] or ["-"]
            for vlan in places["fdb.vlan", fact.about] or ["-"]
        }
    return [f"missing {row}" for row in sorted(want - have)] + [f"too much {row}" for row in sorted(have - want)]


def _heard(rows: Sequence[Row], said: Sequence[Fact]) -> list[str]:
    neighbours: dict[str, dict[str, set[str]]] = {}
    for fact in said:
        if fact.kind.startswith(("lldp.", "cdp.")):
            neighbours.setdefault(fact.about, {}).setdefault(fact.kind, set()).add(_flat(fact.value))
    missing = [f"missing {row}" for row in rows if not any(_says(row, told) for told in neighbours.values())]
    spare = [about for about, told in neighbours.items() if not any(_says(row, told) for row in rows)]
    return missing + [f"too much {about}" for about in spare]


def _says(row: Row, told: dict[str, set[str]]) -> bool:
    return all(
        _flat(value) in {text for kind in _TOLD[name] for text in told.get(kind, ())} for name, value in row.items()
    )


def _own(row: Row, records: Sequence[Record]) -> list[str]:
    case = AuditCase(run=Run(id="looked-up", started=AT), finished=AT, as_of=AT.date())
    assets = audit(records, known(), case).assets
    own = next((asset for asset in assets if asset.asset.seen is Seen.READ), None)
    said = _plate(own)
    return [f"{name} {said[name]!r}, not {value!r}" for name, value in row.items() if _flat(said[name]) != _flat(value)]


def _plate(own: AuditedAsset | None) -> Row:
    if own is None:
        return dict.fromkeys(("vendor", "model", "serial", "firmware", "mac"), "")
    mac = next(iter(own.asset.macs), "")
    return {"vendor": own.vendor, "model": own.model, "serial": own.asset.serial, "firmware": own.firmware, "mac": mac}


def _flat(text: str) -> str:
    return normal.mac(text) or re.sub(r"[\s\"']", "", text).lower()


def main() -> None:
    """Print every fault by reply, and how many replies have none."""
    lists = {name: faults(reply) for name, reply in replies(*sys.argv[1:2]).items()}
    for name, found in lists.items():
        for fault in found:
            sys.stdout.write(f"{name}: {fault}\n")
    sys.stdout.write(f"{sum(not found for found in lists.values())} of {len(lists)} right\n")


if __name__ == "__main__":
    main()
