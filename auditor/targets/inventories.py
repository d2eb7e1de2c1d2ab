"""Inventories of other tools → target lines: nornir, Ansible, NetBox, LibreNMS, Netdisco.

Only names, addresses, sites, drivers and ports are looked at; passwords and users in such files are passed over.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from auditor.errors import AuditorError, ProblemsError, UsageError
from auditor.targets.select import is_port, lines

CAP = 32 << 20
GROUPS = 64
NAMED = 5
NO_ADDRESS = "it has no primary address"
_NONE: Mapping[str, str] = {}
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\Z", re.ASCII)
_WORD = re.compile(r"[^\s#=]{1,80}\Z")
_SECTION = re.compile(r"\s*\[[A-Za-z_][\w:.-]*\]")
_COLUMNS = ("primaryip", "primaryip4", "primaryipv4", "ipaddress", "primaryip6", "primaryipv6")
Entry = Mapping[Any, Any]
Beside = Callable[[str], str]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryHost:
    """What is taken of a host of an inventory; `left_out` says why it is no target, if so."""

    name: str
    address: str
    site: str = ""
    platform: str = ""
    port: str = ""
    left_out: str = ""


def read(path: Path, drivers: Mapping[str, str] = _NONE, tell: Tell = lambda _text: None) -> list[str]:
    """Return the target lines of a file; for nornir, of its groups and defaults beside it too."""
    return target_lines(_text(path), path.name, lambda name: _text(path.parent / name, missing=""), drivers, tell)


def target_lines(
    text: str,
    name: str,
    beside: Beside = lambda _name: "",
    drivers: Mapping[str, str] = _NONE,
    tell: Tell = lambda _text: None,
) -> list[str]:
    """Return the target lines a file means; every host that names no address is told at once.

    `name` is the file's name; `beside` gives the text of a file next to it, or nothing: nornir keeps groups in others.
    `drivers` says which driver a platform's name stands for; a host of another platform is left to its own words.
    """
    start = text.lstrip("\ufeff \t\r\n")
    if name.endswith((".yaml", ".yml")) or start.startswith("---"):
        return _lines_of(_nornir(_yaml(text, name), lambda other: _yaml(beside(other), other)), name, drivers, tell)
    if start.startswith(("{", "[")):
        return _lines_of(_json(text, name), name, drivers, tell)
    titles = [_plain(title) for title in next(csv.reader([start.partition("\n")[0]]), [])]
    if len(titles) > 1 and set(_COLUMNS) & set(titles):
        return _lines_of(_table(start, name), name, drivers, tell)
    return lines(text)


def _text(path: Path, missing: str | None = None) -> str:
    try:
        if path.stat().st_size > CAP:
            raise UsageError(f"is larger than {CAP >> 20} MB", where=str(path))
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        if missing is not None:
            return missing
        raise UsageError("does not exist", where=f"-i {path}") from None
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(
            f"cannot be read: {getattr(exc, 'strerror', None) or 'not UTF-8'}", where=f"-i {path}"
        ) from None


def _lines_of(hosts: Iterator[InventoryHost], name: str, drivers: Mapping[str, str], tell: Tell) -> list[str]:
    lines: list[str] = []
    problems: list[AuditorError] = []
    left: dict[str, list[str]] = {}
    no_site: list[str] = []
    for host in hosts:
        word = _word(host.address)
        if host.left_out:
            left.setdefault(host.left_out, []).append(host.name)
        elif word:
            lines.append(" ".join([word, *_pairs(host, drivers)]))
            no_site += [host.name] * bool(host.site and not _WORD.match(host.site))
        else:
            where = f"{name}: host {host.name[:80]!r}"
            problems.append(UsageError("names no address and no host name", where=where))
    for why, names in left.items():
        tell(f"{name}: {len(names)} not contacted, {why}: {_quoted(names)}")
    if no_site:
        tell(f"{name}: {len(no_site)} without the site it names, which is more than one word: {_quoted(no_site)}")
    if problems:
        raise ProblemsError(problems)
    if not lines:
        raise UsageError("lists no host", where=name)
    return lines


def _quoted(names: list[str]) -> str:
    return ", ".join(f"{one[:80]!r}" for one in names[:NAMED]) + (" …" if len(names) > NAMED else "")


def _word(address: str) -> str:
    """Return one address or host name: no range, and no blank an option could follow."""
    bare = address.partition("/")[0]
    with suppress(ValueError):
        ip_address(bare)
        return bare
    return address if _HOST.match(address) and not address.replace(".", "").replace("-", "").isdigit() else ""


def _pairs(host: InventoryHost, drivers: Mapping[str, str]) -> Iterator[str]:
    if _WORD.match(host.site):
        yield f"site={host.site}"
    if driver := drivers.get(host.platform.rpartition(".")[2]):
        yield f"driver={driver}"
    if is_port(host.port):
        yield f"ssh={int(host.port)}"


def _yaml(text: str, name: str) -> Entry:
    import yaml

    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as exc:
        # The error's own text may show a line of the file, and that line may hold a password.
        mark = getattr(exc, "problem_mark", None)
        raise UsageError("is no YAML", where=f"{name}: line {mark.line + 1}" if mark else name) from None
    if document is None:
        return {}
    if not isinstance(document, Mapping):
        raise UsageError("must be a mapping of hosts, as nornir's hosts.yaml is", where=name)
    if "all" in document and isinstance(document["all"], Mapping) and {"hosts", "children"} & set(document["all"]):
        raise UsageError("is an Ansible inventory; give what `ansible-inventory --list` prints", where=name)
    return document


def _nornir(hosts: Entry, beside: Callable[[str], Entry]) -> Iterator[InventoryHost]:
    """Yield each host of a SimpleInventory; its groups and the defaults say what it does not."""
    groups, defaults = beside("groups.yaml"), beside("defaults.yaml")
    for name, entry in hosts.items():
        chain = [*_ancestors(entry, groups, set()), defaults]
        address = _first(chain, "hostname") or str(name)
        site = _first([link.get("data") for link in chain if isinstance(link, Mapping)], "site")
        platform, port = _first(chain, "platform"), _first(chain, "port")
        yield InventoryHost(name=str(name), address=address, site=site, platform=platform, port=port)


def _ancestors(entry: object, groups: Entry, past: set[str]) -> Iterator[Entry]:
    """Yield a host or group and its ancestors, depth first as nornir does, each once."""
    if not isinstance(entry, Mapping):
        return
    yield entry
    groups_here = entry.get("groups")
    for group in groups_here if isinstance(groups_here, list) else []:
        if isinstance(group, str) and group not in past and len(past) < GROUPS:
            past.add(group)
            yield from _ancestors(groups.get(group), groups, past)


def _json(text: str, name: str) -> Iterator[InventoryHost]:
    try:
        document = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        # No words of the parser: they may quote the file, and the file may hold a password.
        advice = "; an Ansible inventory is given as what `ansible-inventory --list` prints"
        raise UsageError(f"is no JSON{advice if _SECTION.match(text) else ''}", where=name) from None
    if isinstance(document, Mapping) and "_meta" in document:
        return _ansible(document)
    if isinstance(document, Mapping) and isinstance(document.get("devices"), list):
        return _of_monitor(document["devices"])
    devices = document.get("results") if isinstance(document, Mapping) else document
    if isinstance(devices, list) and devices and all(_is_netdisco(one) for one in devices):
        return _of_monitor(devices)
    if not isinstance(devices, list) or not all(isinstance(item, Mapping) for item in devices):
        raise UsageError(
            "is neither what `ansible-inventory --list` prints nor devices of NetBox, LibreNMS or Netdisco", where=name
        )
    if isinstance(document, Mapping) and document.get("next"):
        raise UsageError(
            f"is one page of {len(devices)} devices and not the last; fetch them all with ?limit=0", where=name
        )
    return _netbox(devices)


def _ansible(document: Entry) -> Iterator[InventoryHost]:
    """Yield each host of any group; the nearest group first says what it does not say."""
    meta = document["_meta"]
    variables = meta.get("hostvars", {}) if isinstance(meta, Mapping) else {}
    names: dict[str, None] = dict.fromkeys(str(name) for name in variables)
    within: dict[str, list[str]] = {}
    for group, entry in document.items():
        names |= dict.fromkeys(_words(entry, "hosts"))
        for member in (*_words(entry, "hosts"), *_words(entry, "children")):
            within.setdefault(member, []).append(str(group))
    for name in names:
        groups = (document.get(group) for group in _around(name, within))
        tables = [variables.get(name), *(group.get("vars") for group in groups if isinstance(group, Mapping))]
        address = _first(tables, "ansible_host") or _first(tables, "ansible_ssh_host") or name
        is_local = _first(tables, "ansible_connection") == "local"
        yield InventoryHost(
            name=name,
            address=address,
            site=_first(tables, "site"),
            platform=_first(tables, "ansible_network_os"),
            port=_first(tables, "ansible_port") or _first(tables, "ansible_ssh_port"),
            left_out="Ansible reads it on the machine itself" if is_local else "",
        )


def _around(name: str, within: Mapping[str, list[str]]) -> list[str]:
    """Return the groups around a host, the nearest first; groups that point at each other end."""
    groups: dict[str, None] = {}
    edge = [name]
    while edge and len(groups) < GROUPS:
        edge = [group for inner in edge for group in within.get(inner, []) if group not in groups]
        groups |= dict.fromkeys(edge)
    return list(groups)


def _words(entry: object, key: str) -> list[str]:
    words = entry.get(key) if isinstance(entry, Mapping) else None
    return [str(item) for item in words] if isinstance(words, list) else []


def _is_netdisco(entry: object) -> bool:
    return isinstance(entry, Mapping) and "ip" in entry and "device_type" not in entry


def _of_monitor(devices: list[Any]) -> Iterator[InventoryHost]:
    """Yield devices of LibreNMS (`overwrite_ip`, `ip`, `hostname`) or Netdisco (`ip`, `dns`)."""
    for entry in (one for one in devices if isinstance(one, Mapping)):
        name = _first([entry], "hostname") or _first([entry], "dns") or _first([entry], "ip")
        address = _first([entry], "overwrite_ip") or _first([entry], "ip") or _first([entry], "hostname")
        is_off = _first([entry], "disabled") == "1"
        yield InventoryHost(name=name, address=address, left_out="LibreNMS has it switched off" if is_off else "")


def _netbox(devices: list[Entry]) -> Iterator[InventoryHost]:
    """Yield the devices; those without a primary address cannot be asked and are left out."""
    for entry in devices:
        addresses = [entry[key] for key in ("primary_ip", "primary_ip4", "primary_ip6") if entry.get(key)]
        address, site = _first(addresses, "address"), _first([entry.get("site")], "name")
        yield InventoryHost(
            name=_first([entry], "name"),
            address=address,
            # A line of targets has no room for a name with blanks; NetBox gives each site a short one too.
            site=site if _WORD.match(site) else _first([entry.get("site")], "slug"),
            platform=_first([entry.get("platform")], "slug").replace("-", "_"),
            left_out="" if address else NO_ADDRESS,
        )


def _table(text: str, name: str) -> Iterator[InventoryHost]:
    rows = csv.reader(io.StringIO(text, newline=""))
    titles = [_plain(title) for title in next(rows)]
    column = next(title for title in _COLUMNS if title in titles)
    try:
        for cells in rows:
            row = {title: cell.strip() for title, cell in zip(titles, cells, strict=False)}
            if any(row.values()):
                address, site = row.get(column, ""), row.get("site", "")
                yield InventoryHost(
                    name=row.get("name", ""), address=address, site=site, left_out="" if address else NO_ADDRESS
                )
    except csv.Error as exc:
        raise UsageError(str(exc), where=f"{name}: line {rows.line_num}") from None


def _first(links: list[Any], key: str) -> str:
    """Return the first text or number under a key, or an empty string."""
    for link in links:
        value = link.get(key) if isinstance(link, Mapping) else None
        if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()
    return ""


def _plain(title: str) -> str:
    return re.sub(r"[^a-z0-9]", "", title.casefold())
