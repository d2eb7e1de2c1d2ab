"""CLI replies to facts: a command's text as `cli.output`, and what can be read out of it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from auditor.model import Fact
from auditor.parse.cli import choice, identity, neighbours, optical, plates, tables, templates, titles
from auditor.parse.cli.purposes import is_mute, plain
from auditor.parse.cli.purposes import purpose as purpose
from auditor.parse.cli.text import OUTPUT_CAP, RAW_CAP, dedent
from auditor.parse.cli.text import clean as clean
from auditor.parse.cli.text import forbidden as forbidden
from auditor.parse.cli.text import is_refusal as is_refusal
from auditor.parse.cli.text import pager_waits as pager_waits
from auditor.parse.cli.transcript import configuration as configuration
from auditor.parse.cli.transcript import greeting as greeting
from auditor.parse.cli.transcript import hostname as hostname
from auditor.parse.cli.transcript import split_transcript as split_transcript

UNPARSED = "the reply was kept as text, nothing could be read out of it"
_GLANCE = 20_000
# A neighbour that is named, in whatever words.
_NAMED = re.compile(
    r"(?:system ?name|sys ?name|device[ -]?id|chassis ?id)[^\n:=]{0,30}[:=][ \t]{0,40}\S", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a command's reply says, and in words what of it could not be read."""

    facts: tuple[Fact, ...]
    problem: str = ""


def facts(command: str, output: str, platform: str = "") -> tuple[Fact, ...]:
    """Return a command's whole reply as `cli.output`, then what could be read out of it."""
    return read(command, output, platform).facts


def read(command: str, output: str, platform: str = "", *, cap: int = RAW_CAP) -> Reply:
    """Return what a reply says; `platform` is what ntc-templates calls the system.

    A table is read by the templates of the platform, or of all platforms where none is given, and by our own reader
    where no template fits. What is longer than `cap` characters is cut, and told to be. A reply that could not be read
    stays `cli.output` alone and says so.
    """
    text = clean(output, cap)
    whole = Fact(kind="cli.output", value=text[:OUTPUT_CAP], where=command)
    if is_refusal(text) or forbidden(text):
        return Reply(facts=(whole,))
    statements, problem = _read(command, dedent(text), platform)
    cut = f"the reply was cut after {cap} characters" if len(output) > cap else ""
    return Reply(
        facts=(whole, *dict.fromkeys(statements)),
        problem=problem or ("" if statements else _unread(command, text)) or cut,
    )


def _unread(command: str, text: str) -> str:
    """Return in words that a reply should have yielded facts and did not.

    A version reply is evidence as it stands, and a table with nothing under its titles is an empty table.
    """
    sort = purpose(command)
    if not text.strip() or sort in {"identity", "onts", "own-ont", "optics"}:
        return ""
    if sort in _TABLES or (not sort and not is_mute(command)):
        start = text[:_GLANCE]
        names = bool(sort) and _NAMED.search(start) is not None
        return UNPARSED if names or tables.mac_in(start) is not None or tables.has_rows(start) else ""
    return UNPARSED if sort and len(text.split()) > 1 else ""


def _read(command: str, text: str, platform: str) -> tuple[tuple[Fact, ...], str]:
    sort = purpose(command)
    if sort in _TABLES:
        entries, problem = choice.entries(sort, plain(command), text, platform)
        return tuple(_TABLES[sort](command, entries)), problem
    if sort not in _READERS:
        return (), ""
    ours = tuple(_READERS[sort](command, text))
    if platform and sort != "onts" and (not ours or sort == "identity"):
        # A version template adds what our own reader leaves out: model and version of most systems.
        ours = _with(ours, templates.device_facts(command, templates.rows(platform, command, text)))
    if sort == "identity" or (sort == "inventory" and not any(fact.about for fact in ours)):
        ours = _with(ours, (Fact(kind=kind, value=value, where=command) for kind, value in plates.values(text)))
    return ours, ""


def _with(facts_so_far: tuple[Fact, ...], others: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return facts with those others of which the first say nothing."""
    kinds = {fact.kind for fact in facts_so_far}
    return (*facts_so_far, *(fact for fact in others if fact.kind not in kinds))


_TABLES: dict[str, Callable[[str, Iterable[Mapping[str, str]]], Iterator[Fact]]] = {
    "arp": tables.arp,
    "mac": tables.forwarding,
    "lldp": neighbours.neighbours,
    "cdp": partial(neighbours.neighbours, protocol="cdp"),
}


def hosts(command: str, text: str) -> Iterator[Fact]:
    """Yield the clients a device lists a line each (leases, stations): by address or by MAC."""
    pairs = list(tables.arp_rows(text))
    yield from tables.arp(command, pairs)
    yield from tables.forwarding(command, tables.alone(text, pairs))
    yield from tables.clients(command, titles.rows(text, with_macs=True))


_READERS: dict[str, identity.Reader] = {
    "onts": optical.terminals,
    "own-ont": optical.own_serial,
    "boards": optical.boards,
    "board-serials": optical.board_serials,
    "labels": identity.labels,
    "manufacture": identity.manufacture,
    "inventory": identity.inventory,
    "hardware": identity.hardware,
    "optics": identity.optics,
    "cards": identity.cards,
    "hosts": hosts,
    "identity": identity.own,
}
