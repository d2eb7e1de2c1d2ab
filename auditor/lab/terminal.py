"""The tables of a switch as its command line prints them: VRP and Comware, or IOS."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Protocol

# A command line spells ports shorter in one reply than in another.
_SHORT = {"XGigabitEthernet": "XGE", "GigabitEthernet": "GE"}
_LETTERS = {"bridge": "B", "router": "R", "telephone": "T", "wlan-access-point": "W", "station": "S"}


class LldpSender(NamedTuple):
    """Who announces itself: on which port of the listener, and from which of its own."""

    here: str
    mac: str
    there: str
    name: str
    descr: str
    address: str
    capabilities: str


class LearnedMac(Protocol):
    """A row of a forwarding table."""

    @property
    def mac(self) -> str:
        """Return twelve hexadecimal digits."""
        ...

    @property
    def port(self) -> str:
        """Return the port as the switch names it."""
        ...

    @property
    def vlan(self) -> int:
        """Return the VLAN it was learned in."""
        ...


def with_tables(transcript: str, name: str, learned: Iterable[LearnedMac], heard: Sequence[LldpSender]) -> str:
    """Return a session with the replies on who is plugged in where, in its maker's words."""
    if not transcript:
        return ""
    is_angular = f"<{name}>" in transcript
    prompt = f"<{name}>" if is_angular else f"{name}#"
    commands = ("display mac-address", "display lldp neighbor") if is_angular else _IOS
    tables = (
        (_vrp_macs(learned), _vrp_neighbours(heard)) if is_angular else (_ios_macs(learned), _ios_neighbours(heard))
    )
    lines = [transcript.rstrip("\n")]
    for command, reply in zip(commands, tables, strict=True):
        lines += [f"{prompt}{command}", *reply]
    return "\n".join((*lines, prompt, ""))


_IOS = ("show mac address-table", "show lldp neighbors detail")


def _dotted(mac: str, mark: str) -> str:
    return mark.join(mac[at : at + 4] for at in range(0, 12, 4))


def _short(port: str) -> str:
    word = next((word for word in _SHORT if port.startswith(word)), "")
    return _SHORT[word] + port.removeprefix(word) if word else port


def _vrp_macs(learned: Iterable[LearnedMac]) -> Iterator[str]:
    yield "-" * 79
    yield "MAC Address    VLAN/VSI/BD                       Learned-From        Type"
    yield "-" * 79
    for row in learned:
        yield f"{_dotted(row.mac, '-')} {f'{row.vlan}/-/-':33} {_short(row.port):19} dynamic"
    yield "-" * 79


def _vrp_neighbours(heard: Sequence[LldpSender]) -> Iterator[str]:
    for other in heard:
        yield f"{other.here} has 1 neighbor(s):"
        yield ""
        pairs = (
            ("Neighbor index", "1"), ("Chassis type", "MAC Address"), ("Chassis ID", _dotted(other.mac, "-")),
            ("Port ID type", "Interface Name"), ("Port ID", other.there), ("System name", other.name),
            ("System description", other.descr.partition("\n")[0].strip()),
            ("System capabilities enabled", other.capabilities), ("Management address", other.address),
        )  # fmt: skip
        yield from (f"{title:35}:{value}" for title, value in pairs)


def _ios_macs(learned: Iterable[LearnedMac]) -> Iterator[str]:
    yield "          Mac Address Table"
    yield "-------------------------------------------"
    yield ""
    yield "Vlan    Mac Address       Type        Ports"
    yield "----    -----------       --------    -----"
    for row in learned:
        yield f"{row.vlan:4}    {_dotted(row.mac, '.')}    DYNAMIC     {row.port}"


def _ios_neighbours(heard: Sequence[LldpSender]) -> Iterator[str]:
    for other in heard:
        yield "------------------------------------------------"
        yield f"Local Intf: {other.here}"
        yield f"Chassis id: {_dotted(other.mac, '.')}"
        yield f"Port id: {other.there}"
        yield f"System Name: {other.name}"
        yield ""
        yield "System Description:"
        yield other.descr.partition("\n")[0].strip()
        yield ""
        yield f"Enabled Capabilities: {','.join(_LETTERS.get(word, 'O') for word in other.capabilities.split())}"
    yield ""
    yield f"Total entries displayed: {len(heard)}"
