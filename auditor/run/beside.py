"""Facts beside the verdict, from files a user gives: none is a law, none is evidence.

The mark of CISA's catalogue of exploited vulnerabilities, what a maker states of a model, the country of a MAC's
registrant; each row with its source and its day.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from auditor.errors import InputError
from auditor.model import Audit, AuditedAsset
from auditor.normal import letters, one_line
from auditor.pipeline import Knowledge
from auditor.report.views import device, natural

CAP = 64 << 20
KEV, STATED, COUNTRY = "known exploited", "maker states", "registrant's country"
ANSWERS = ("yes", "no", "unknown")
STATED_COLUMNS = ("maker", "model", "about", "answer", "day", "address")
IEEE_COLUMNS = ("Registry", "Assignment", "Organization Name", "Organization Address")
# The country of an address of the registry is two letters near its end, before a postcode.
_COUNTRY = re.compile(r"\b([A-Z]{2})\b(?:\s+[\w-]*\d[\w-]*(?:\s+[\w-]*\d?[\w-]*)?)?\s*\Z")
_MODEL = re.compile(r"[A-Za-z]+[A-Za-z0-9-]*\d[A-Za-z0-9-]*")
Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class BesideFact:
    """One fact on one device: its sort, what it says, where that stands and of which day."""

    site: str
    device: str
    address: str
    maker: str
    model: str
    sort: str
    says: str
    source: str
    day: str


@dataclass(frozen=True, slots=True)
class BesideFiles:
    """The files a user gives, by sort; an empty name: none."""

    kev: str = ""
    statements: str = ""
    registry: str = ""


def beside(audit: Audit, knowledge: Knowledge, files: BesideFiles) -> list[BesideFact]:
    """Return what the files say of the devices of a run, by site and device."""
    kev = _catalogue(files.kev) if files.kev else ()
    statements = _statements(files.statements) if files.statements else ()
    countries = _countries(files.registry) if files.registry else {}
    titles_of, facts = knowledge.names(), list[BesideFact]()
    for item in sorted(audit.assets, key=lambda one: (one.asset.site, natural(one.asset.address), one.asset.key)):
        for maker, model in _names(item):
            titles = {letters(maker), letters(titles_of.get(maker, maker))}
            what = (maker, model)
            facts += [_fact(item, (*what, KEV, *words)) for words in _exploits(titles, model, kev)]
            facts += [_fact(item, (*what, STATED, *words)) for words in _statements_on(titles, model, statements)]
        origins = _origins(item, countries, files.registry)
        facts += [_fact(item, ("", item.model, COUNTRY, *words)) for words in origins]
    return facts


def _names(item: AuditedAsset) -> list[tuple[str, str]]:
    """Return maker and model of each finding on a device."""
    return list(dict.fromkeys((finding.maker, finding.model or item.model) for finding in item.findings))


def _fact(item: AuditedAsset, words: Sequence[str]) -> BesideFact:
    """Return a fact on a device: maker, model, sort, what is said, source and day."""
    asset = item.asset
    return BesideFact(*map(one_line, (asset.site, device(asset), asset.address, *words)))


def _exploits(titles: set[str], model: str, entries: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield entries on a maker that name the model or a like one, and those that name none."""
    for entry in entries:
        if letters(entry.get("vendorProject", "")) not in titles:
            continue
        models = _MODEL.findall(entry.get("product", ""))
        says = min((one for word in models if (one := _likeness(word, model))), default="", key=len)
        if says or not models:
            words = says or "the maker is named, no model: check the firmware"
            what = f"{entry.get('cveID', '')}: {words}; {entry.get('vulnerabilityName', '')}"
            yield what, entry["source"], entry.get("dateAdded", "")


def _statements_on(titles: set[str], model: str, rows: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    for row in rows:
        if letters(row["maker"]) in titles and letters(row["model"]) == letters(model):
            yield f"{row['about']}: {row['answer']}", row["address"], row["day"]


def _origins(item: AuditedAsset, countries: Mapping[str, str], source: str) -> Iterator[tuple[str, str, str]]:
    """Yield the country of the registrants of a device's MACs, each once."""
    codes = (next((countries[mac[:end]] for end in (9, 7, 6) if mac[:end] in countries), "") for mac in item.asset.macs)
    for country in sorted(set(codes) - {""}):
        yield country, f"{Path(source).name}, address of the registrant", ""


def _likeness(word: str, model: str) -> str:
    """Return whether a catalogue's model is a device's, up to a mark, or its beginning."""
    short, long = word.casefold(), model.casefold()
    if not model or not long.startswith(short):
        return ""
    is_same = long == short or not long[len(short)].isalnum()
    return "this model is named" if is_same else f"{word} is named, of which this may be one"


def _catalogue(name: str) -> list[dict[str, str]]:
    """Return the entries of CISA's catalogue (JSON or CSV as it is published)."""
    text = _text(name)
    if not text.lstrip().startswith("{"):
        return [{**row, "source": _kev_source("")} for row in _table(text, name, ("cveID", "vendorProject", "product"))]
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("is no JSON", where=name) from None
    entries = document.get("vulnerabilities")
    if not isinstance(entries, list):
        raise InputError("holds no 'vulnerabilities'; give CISA's known_exploited_vulnerabilities.json", where=name)
    source = _kev_source(str(document.get("catalogVersion", "")))
    return [
        {**{key: str(value) for key, value in one.items()}, "source": source}
        for one in entries
        if isinstance(one, dict)
    ]


def _kev_source(version: str) -> str:
    return f"CISA KEV {version}".strip()


def _statements(name: str) -> Rows:
    """Return what makers state; a row without its day, address or answer is refused."""
    rows = list(_table(_text(name), name, STATED_COLUMNS))
    for number, row in enumerate(rows, 2):
        where = f"{name}: line {number}"
        if row["answer"] not in ANSWERS:
            raise InputError(f"'{row['answer']:.40}' is none of {', '.join(ANSWERS)}", where=where)
        if not row["address"].startswith(("https://", "http://")):
            raise InputError("names no web address where the maker states it", where=where)
        try:
            date.fromisoformat(row["day"])
        except ValueError:
            raise InputError(f"'{row['day']:.40}' is no day; write 2026-03-12", where=where) from None
    return rows


def _countries(name: str) -> dict[str, str]:
    """Return the country of each assignment of IEEE's registry (oui.csv, mam.csv, oui36.csv)."""
    rows = _table(_text(name), name, IEEE_COLUMNS)
    pairs = ((row["Assignment"].lower(), _COUNTRY.search(row["Organization Address"].strip())) for row in rows)
    return {prefix: match[1] for prefix, match in pairs if match}


def _table(text: str, name: str, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise InputError(f"has no column {', '.join(missing)}", where=name)
    return ({key: (value or "").strip() for key, value in row.items() if isinstance(key, str)} for row in reader)


def _text(name: str) -> str:
    path = Path(name)
    try:
        if path.stat().st_size > CAP:
            raise InputError(f"is larger than {CAP >> 20} MB", where=name)
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise InputError(f"cannot be read: {getattr(exc, 'strerror', None) or 'not UTF-8'}", where=name) from None


def cells(facts: Iterable[BesideFact]) -> list[tuple[Any, ...]]:
    """Return the facts as rows, in the order of their fields."""
    return [astuple(one) for one in facts]
