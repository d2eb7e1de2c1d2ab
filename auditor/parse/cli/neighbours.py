"""What neighbours announced over LLDP or CDP → facts about them."""

import re
from collections.abc import Iterable, Iterator, Mapping

from auditor import normal
from auditor.model import Fact, Kind, about_lldp

_KINDS: dict[str, Kind] = {
    "chassis": "lldp.chassis", "sysname": "lldp.sysname", "sysdescr": "lldp.sysdescr", "portid": "lldp.portid",
    "local": "lldp.localport", "platform": "cdp.platform", "capabilities": "lldp.capabilities",
    "address": "lldp.address", "address again": "lldp.address",
}  # fmt: skip
_CDP: dict[str, Kind] = {
    "deviceid": "cdp.deviceid", "local": "cdp.localport", "address": "cdp.address", "address again": "cdp.address",
}  # fmt: skip
# Letters of CDP's legend; those of LLDP mean other things.
_ABILITIES = {
    "R": "router", "T": "trans-bridge", "B": "source-route-bridge", "S": "switch", "H": "host", "I": "igmp",
    "r": "repeater", "P": "phone", "V": "phone", "s": "", "D": "", "C": "", "M": "",
}  # fmt: skip
# The port a command asks about, where the reply does not repeat it.
_OWN_PORT = re.compile(r"\b[A-Za-z][A-Za-z\-]{1,24} ?\d[\d/.:]{0,20}$|(?<= )\d{1,3}(?:[/:]\d{1,3}){1,3}$")


def neighbours(command: str, entries: Iterable[Mapping[str, str]], *, protocol: str = "lldp") -> Iterator[Fact]:
    """Yield what each neighbour announced; `about` is its chassis MAC, else its name."""
    kinds = _KINDS | _CDP if protocol == "cdp" else _KINDS
    own_port = _OWN_PORT.search(command)
    for source in entries:
        entry = {**source, "local": source.get("local") or (own_port[0].strip() if own_port else "")}
        if protocol == "cdp" and all(word in _ABILITIES for word in entry.get("capabilities", "-").split()):
            entry["capabilities"] = " ".join(filter(None, map(_ABILITIES.__getitem__, entry["capabilities"].split())))
        who = next((entry[field] for field in ("chassis", "deviceid", "sysname") if entry.get(field)), "")
        about = about_lldp(normal.mac(who) or normal.one_line(who, 120))
        for field, kind in kinds.items():
            if entry.get(field):
                yield Fact(kind=kind, value=entry[field], where=command, about=about)
        for far in filter(None, (_far_name(entry), entry.get("portmac", ""))):
            yield Fact(kind="lldp.portid", value=far, where=command, about=about)


def _far_name(entry: Mapping[str, str]) -> str:
    """Return how a neighbour describes its port, where it names the port by a number or a MAC."""
    port, description = entry.get("portid", ""), entry.get("portdescr", "")
    return description if description != port and (not port or port.isdecimal() or normal.mac(port)) else ""
