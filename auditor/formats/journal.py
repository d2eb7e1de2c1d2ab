"""The journal format: one JSON object a line, as other programs rely on it. Lines in and out; files are others' business."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from auditor.errors import InputError
from auditor.model import About, Fact, Observation, Reason, Record, Run, Target, Unread, kind_of

FORMAT = 1
# Deeper than anybody writes, and shallow enough to be written and read again anywhere.
DEPTH = 100
_ALL = 2**128
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|([\[{])|([\]}])')
OBSERVATION_KEYS = frozenset({"type", "target", "collector", "at", "facts"})
UNREAD_KEYS = frozenset({"type", "target", "collector", "at", "reason", "detail"})
FACT_KEYS = frozenset({"kind", "value", "where", "about"})


def instant(text: str) -> datetime:
    """Return an RFC 3339 time as UTC; a time without offset is taken as UTC. What is none, in UTC too, is a `ValueError`."""
    moment = datetime.fromisoformat(text)
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{text} lies outside the years 1 to 9999 in UTC") from None


def stamp(moment: datetime) -> str:
    """Return `2026-11-21T05:00:03Z`; fractions only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def encode(record: Record) -> str:
    """Return one journal line without its newline; keys another program added stand where it put them."""
    line: dict[str, object] = {
        "type": "observation" if isinstance(record, Observation) else "unread",
        "target": {"address": record.target.address, "site": record.target.site},
        "collector": record.collector,
        "at": stamp(record.at),
    }
    if isinstance(record, Observation):
        line["facts"] = [_line_of(fact) for fact in record.facts]
    else:
        line |= {"reason": record.reason.value, "detail": record.detail}
    text = json.dumps(line | _kept(record.extra), ensure_ascii=False, separators=(",", ":"))
    # A camera's JSON can spell half a surrogate pair; a journal that cannot be written would end the run.
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _line_of(fact: Fact) -> dict[str, object]:
    return {"kind": fact.kind, "value": fact.value, "where": fact.where, "about": fact.about} | _kept(fact.extra)


def _kept(extra: str) -> dict[str, object]:
    return dict(json.loads(extra)) if extra else {}


def _extra(entry: Mapping[str, object], known: frozenset[str]) -> str:
    left = {key: value for key, value in entry.items() if key not in known}
    return json.dumps(left, sort_keys=True, separators=(",", ":")) if left else ""


def encode_run(run: Run) -> str:
    """Return the line that opens a journal."""
    line: dict[str, object] = {
        "type": "run",
        "journal": FORMAT,
        "id": run.id,
        "started": stamp(run.started),
        "tool": run.tool,
        "sites": list(run.sites),
    }
    if run.addresses:
        line |= {"addresses": run.addresses, "scope": list(run.scope)}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def decode(line: str) -> Record | Run | None:
    """Return what one line says, or nothing where its type is unknown; a line that breaks the format is an `InputError`."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as exc:
        raise InputError(f"not a JSON object: {exc}") from None
    if _depth(line) > DEPTH:
        raise InputError(f"is nested more than {DEPTH} deep")
    if not isinstance(entry, dict):
        raise InputError("not a JSON object")
    kind = entry.get("type")
    if kind == "run":
        return _run(entry)
    if kind == "observation":
        return _observation(entry)
    return _unread(entry) if kind == "unread" else None


def _run(entry: Mapping[str, object]) -> Run:
    version = entry.get("journal", FORMAT)
    if version != FORMAT:
        raise InputError(f"journal format {version!r} is newer than {FORMAT}; update auditor", where="journal")
    addresses = entry.get("addresses", 0)
    return Run(
        id=_text(entry, "id"),
        started=_moment(entry, "started"),
        tool=_text(entry, "tool", ""),
        sites=_texts(entry, "sites"),
        addresses=addresses if isinstance(addresses, int) and 0 <= addresses <= _ALL else 0,
        scope=_texts(entry, "scope"),
    )


def _depth(line: str) -> int:
    """Return how deep the lists and objects of a JSON text are nested; brackets within texts do not count."""
    if line.count("[") + line.count("{") <= DEPTH:
        return 0
    level = deepest = 0
    for match in _BRACKETS.finditer(line):
        level += (match[1] is not None) - (match[2] is not None)
        deepest = max(deepest, level)
    return deepest


def _texts(entry: Mapping[str, object], key: str) -> tuple[str, ...]:
    values = entry.get(key, [])
    return tuple(_writable(str(value)) for value in values) if isinstance(values, list) else ()


def _observation(entry: Mapping[str, object]) -> Observation:
    facts = entry.get("facts")
    if not isinstance(facts, list):
        raise InputError("must be a list", where="facts")
    return Observation(
        target=_target(entry),
        collector=_text(entry, "collector"),
        at=_moment(entry, "at"),
        facts=tuple(_fact(item, index) for index, item in enumerate(facts)),
        extra=_extra(entry, OBSERVATION_KEYS),
    )


def _unread(entry: Mapping[str, object]) -> Unread:
    word = _text(entry, "reason")
    try:
        reason = Reason(word)
    except ValueError:
        reason = Reason.PROTOCOL
    detail = _text(entry, "detail", "")
    return Unread(
        target=_target(entry),
        collector=_text(entry, "collector"),
        at=_moment(entry, "at"),
        reason=reason,
        detail=detail if reason.value == word else f"{word}: {detail}",
        extra=_extra(entry, UNREAD_KEYS),
    )


def _target(entry: Mapping[str, object]) -> Target:
    target = entry.get("target")
    if not isinstance(target, dict):
        raise InputError("must be an object with an address", where="target")
    return Target(address=_text(target, "address"), site=_text(target, "site", ""))


def _fact(item: object, index: int) -> Fact:
    if not isinstance(item, dict):
        raise InputError("must be an object", where=f"facts[{index}]")
    try:
        return Fact(
            kind=kind_of(_text(item, "kind")),
            value=_text(item, "value"),
            where=_text(item, "where", ""),
            about=About(_text(item, "about", "")),
            extra=_extra(item, FACT_KEYS),
        )
    except InputError as exc:
        raise exc.under(f"facts[{index}].") from None


def _text(entry: Mapping[str, object], key: str, default: str | None = None) -> str:
    value = entry.get(key, default)
    if not isinstance(value, str):
        raise InputError("is missing" if value is None else f"must be text, not {value!r:.60}", where=key)
    return _writable(value)


def _writable(text: str) -> str:
    """Return text as UTF-8 can hold it: JSON can spell half a surrogate pair."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _moment(entry: Mapping[str, object], key: str) -> datetime:
    text = _text(entry, key)
    try:
        return instant(text)
    except ValueError:
        raise InputError(f"{text!r:.60} is not a time such as 2026-11-21T05:00:00Z", where=key) from None
