"""A sample becomes one device of a network: its own name, MAC, serial and address."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from socket import inet_aton

from auditor import ber
from auditor.lab.network import LabDevice, Network
from auditor.lab.samples import Label, RecordedPage, Sample
from auditor.lab.shell import without_tables
from auditor.model import VarBind
from auditor.oids import below

IF_PHYS_ADDRESS = below("ifPhysAddress")
IP_ADDRESSES = below("ipAddrEntry")
_MAC_OCTETS = 6
# Tables that name other devices; what follows is taken from the network's own wiring.
_NEIGHBOUR_NAMES = (
    "ipNetToMediaEntry ipNetToPhysicalEntry dot1dTpFdbEntry dot1qTpFdbEntry lldpRemoteSystemsData cdpCacheEntry"
)
_NEIGHBOURS = tuple(map(below, _NEIGHBOUR_NAMES.split()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One device as it will answer: what it says, and the words it goes by."""

    device: LabDevice
    address: str
    name: str
    mac: str
    sample: Sample


def cast(device: LabDevice, sample: Sample, label: Label, network: Network) -> Played:
    """Return a sample that speaks as the device, the recorded identity replaced."""
    site = network.site(device.site)
    name, mac = device.name or label.name, device.mac or label.mac
    swaps = [*_spellings(label.mac, mac), (site.net, site.at)]
    swaps += [(old, new) for old, new in ((label.serial, device.serial), (label.name, name)) if old and new]
    swaps = [(old, new) for old, new in swaps if old != new]
    another = (name, mac) != (label.name, label.mac)
    silent = another or device.tables
    varbinds = [bind for bind in sample.varbinds if not (silent and bind.oid.startswith(_NEIGHBOURS))]
    transcript = without_tables(sample.transcript) if another else sample.transcript
    greetings = Sample(
        name=sample.name,
        varbinds=tuple(_varbinds_of(varbinds, label, mac, swaps, network.address(device))),
        transcript=_swap(transcript, swaps),
        pages=tuple(_page(page, swaps) for page in sample.pages),
        greetings=tuple((kind, _swap(words, swaps)) for kind, words in sample.greetings),
    )
    return Played(device=device, address=network.address(device), name=name, mac=mac, sample=greetings)


def _varbinds_of(
    varbinds: Iterable[VarBind], label: Label, mac: str, swaps: list[tuple[str, str]], address: str
) -> Iterator[VarBind]:
    octet_swaps = [(old.encode(), new.encode()) for old, new in swaps]
    if label.mac and label.mac != mac:
        octet_swaps.append((bytes.fromhex(label.mac), bytes.fromhex(mac)))
    own_if = ""
    for bind in varbinds:
        if bind.oid.startswith(IP_ADDRESSES):
            if not own_if and bind.oid.startswith(f"{IP_ADDRESSES}2."):
                own_if = bind.raw.hex()
            continue
        raw = bind.raw
        if bind.tag == ber.OCTET_STRING:
            for old, new in octet_swaps:
                raw = raw.replace(old, new)
        if bind.oid.startswith(IF_PHYS_ADDRESS) and len(raw) == _MAC_OCTETS and mac != label.mac:
            # Ports that had a MAC of their own in the recording share the device's: no second device may have them too.
            raw = bytes.fromhex(mac)
        yield VarBind(_swapped_oid(bind.oid, swaps), bind.tag, raw)
    if own_if:
        yield VarBind(f"{IP_ADDRESSES}1.{address}", ber.IP_ADDRESS, inet_aton(address))
        yield VarBind(f"{IP_ADDRESSES}2.{address}", ber.INTEGER, bytes.fromhex(own_if))


def _swapped_oid(oid: str, swaps: list[tuple[str, str]]) -> str:
    for old, new in swaps:
        if old.endswith(".") and f".{old}" in oid:
            return oid.replace(f".{old}", f".{new}")
    return oid


def _page(page: RecordedPage, swaps: list[tuple[str, str]]) -> RecordedPage:
    headers = tuple((name, _swap(value, swaps)) for name, value in page.headers)
    return replace(page, headers=headers, body=_swap(page.body, swaps))


def _swap(text: str, swaps: list[tuple[str, str]]) -> str:
    for old, new in swaps:
        text = text.replace(old, new)
    return text


def _spellings(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield a MAC in each notation devices print, old and new alike."""
    if not old or old == new:
        return
    for cut, size in ((":", 2), ("-", 2), ("-", 4), (".", 4)):
        before, after = (cut.join(digits[at : at + size] for at in range(0, 12, size)) for digits in (old, new))
        yield before, after
        yield before.upper(), after.upper()
    yield old, new
