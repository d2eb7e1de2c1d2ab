"""What inventories list beside what scans saw: which rows are which device. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.normal import first_label
from auditor.store.marks import Document
from auditor.store.numbers import spelled

BOTH, UNSEEN, UNLISTED = "both", "not seen", "not on the books"
# In the order in which they decide; an address alone does only where a row says nothing else.
WAYS = ("serial", "MAC", "name and address", "address")


@dataclass(frozen=True, slots=True, kw_only=True)
class BookLine:
    """One device on the books, seen by a scan, or both; `remark` says what contradicts."""

    state: str
    device: str = ""
    site: str = ""
    address: str = ""
    name: str = ""
    serial: str = ""
    mac: str = ""
    model: str = ""
    makers: str = ""
    last_seen: str = ""
    matched_by: str = ""
    remark: str = ""


class BookMatcher:
    """Finds the device of a row of books among those that scans saw, by number."""

    def __init__(self, devices: Mapping[int, Document]) -> None:
        self.devices = devices
        self.by_mark: dict[tuple[str, Hashable], list[int]] = defaultdict(list)
        for number, asset in devices.items():
            for mark in _marks(asset):
                self.by_mark[mark].append(number)

    def match(self, row: Document) -> tuple[int | None, str, str]:
        """Return the device of a row, by which mark, and what contradicts another that is near."""
        remark = ""
        for way, mark in _marks(row):
            numbers = [one for one in self.by_mark.get((way, mark), ()) if _is_near(row, self.devices[one], way)]
            for number in numbers if way != WAYS[-1] or not _says_more(row) else ():
                if way in WAYS[:2] or not _contradicts(row, self.devices[number]):
                    return number, way, ""
            if numbers and way not in WAYS[:2] and _contradicts(row, self.devices[numbers[0]]):
                serial = self.devices[numbers[0]]["serial"]
                remark = remark or f"in its place stands {spelled(numbers[0])} with serial number {serial}"
        return None, "", remark


def book_lines(rows: Iterable[Document], devices: Mapping[int, Document], days: Mapping[int, str]) -> list[BookLine]:
    """Return a line for each row of books and each device on none, by state, site and address.

    `devices` are the assets scans saw, as audit documents have them; `days` when each was seen last.
    """
    matcher, lines, listed = BookMatcher(devices), [], set()
    for row in rows:
        number, way, remark = matcher.match(row)
        if number is None:
            lines.append(_line(UNSEEN, row, remark=remark))
        else:
            listed.add(number)
            asset = devices[number]
            cells = {"device": spelled(number), "matched_by": way, "last_seen": days.get(number, "")[:10]}
            lines.append(_line(BOTH, asset, remark="; ".join(_differences(row, asset)), **cells))
    for number in devices.keys() - listed:
        cells = {"device": spelled(number), "last_seen": days.get(number, "")[:10]}
        lines.append(_line(UNLISTED, devices[number], **cells))
    order = (UNSEEN, UNLISTED, BOTH)
    return sorted(lines, key=lambda line: (order.index(line.state), line.site, line.address, line.device, line.serial))


def _marks(asset: Document) -> Iterator[tuple[str, Hashable]]:
    serials = [asset["serial"], *(part["serial"] for part in asset["parts"] if part.get("serial"))]
    yield from ((WAYS[0], serial) for serial in dict.fromkeys(serials) if serial)
    yield from ((WAYS[1], mac) for mac in asset["macs"])
    addresses = asset["addresses"]
    if asset["name"]:
        yield from ((WAYS[2], (first_label(asset["name"]), one)) for one in addresses)
    yield from ((WAYS[3], one) for one in addresses)


def _is_near(row: Document, asset: Document, way: str) -> bool:
    """Tell whether two may be compared: names and addresses are those of one site."""
    return way in WAYS[:2] or row["site"] in {"", asset["site"]}


def _says_more(row: Document) -> bool:
    return bool(row["serial"] or row["macs"] or row["name"])


def _contradicts(row: Document, asset: Document) -> bool:
    both = row["serial"] and asset["serial"] and row["serial"] != asset["serial"]
    return (bool(both) and not row["macs"]) or bool(both and row["macs"] and not {*row["macs"]} & {*asset["macs"]})


def _differences(row: Document, asset: Document) -> Iterator[str]:
    for name in ("site", "name", "serial"):
        own, other = row[name], asset[name]
        if own and other and own.casefold() != other.casefold() and first_label(own) != first_label(other):
            yield f"{name} on the books: {own}"
    if asset["addresses"] and not {*row["addresses"]} <= {*asset["addresses"]}:
        yield f"address on the books: {', '.join(row['addresses'])}"


def _line(state: str, asset: Document, **cells: str) -> BookLine:
    entries: Sequence[Document] = (*asset["findings"], *asset["parts"])
    return BookLine(
        state=state,
        **{name: asset[name] for name in ("site", "address", "name", "serial")},
        mac=next(iter(asset["macs"]), ""),
        model=next((str(entry["model"]) for entry in entries if entry.get("model")), ""),
        makers=", ".join(f"{one['maker']} ({one['verdict']})" for one in asset["findings"]),
        **cells,
    )
