"""Two networks of known wiring, drawn by a seed: a campus and a rural carrier, as the lab plays them.

    python -m tests.tools.drawn_networks --write      writes samples/networks/campus.toml and rural.toml (seed 0)

Names, makers, port spellings and what hangs where differ by seed; the truth is each device's own `link`.
"""

import random
import re
import sys
from collections import Counter
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path

from auditor.lab import samples
from auditor.lab.network import PORTS, Bystander, Cable, LabDevice, LabSite, Network
from auditor.model import Credential
from auditor.normal import spelled

SAMPLES = Path(__file__).parents[2] / "samples"
FOLDER = SAMPLES / "networks"
# How each recorded switch spells a port for devices, and one for other switches.
SPELLINGS = {
    "others/cisco-c9300": ("Gi1/0/{}", "Te1/1/{}"),
    "others/cisco-c2960x": ("Gi1/0/{}", "Te1/0/{}"),
    "others/arista-7050": ("Ethernet{}", "Ethernet1{}"),
    "huawei/s5720": ("GigabitEthernet0/0/{}", "XGigabitEthernet0/0/{}"),
    "huawei/s5735-l": ("GigabitEthernet0/0/{}", "XGigabitEthernet0/0/{}"),
    "huawei/s5735-l-v2": ("GE0/0/{}", "10GE0/0/{}"),
    "huawei/ce6881": ("25GE1/0/{}", "100GE1/0/{}"),
    "huawei/atn910c": ("GigabitEthernet0/2/{}", "GigabitEthernet0/3/{}"),
    "zte/zxr10-5950": ("gei-0/1/0/{}", "xgei-0/1/1/{}"),
    "zte/zxr10-2952e": ("port-{}", "port-6{}"),
    "lookalikes/h3c-s5130": ("GigabitEthernet1/0/{}", "Ten-GigabitEthernet1/0/{}"),
    "lookalikes/hpe-5130-comware": ("GigabitEthernet1/0/{}", "Ten-GigabitEthernet1/0/{}"),
    "lookalikes/eltex-mes3324f": ("gi1/0/{}", "te1/0/{}"),
    "rebrands/futurematrix-s5736": ("GigabitEthernet0/0/{}", "XGigabitEthernet0/0/{}"),
    "hikvision/ds-3e1510p": ("GE{}", "GE6{}"),
    "others/nokia-7250": ("1/1/{}", "1/2/{}"),
}
AGGREGATES = {"others/cisco-c9300": "Po{}", "huawei/ce6881": "Eth-Trunk{}", "others/arista-7050": "Port-Channel{}"}
ACCESS = tuple(name for name in SPELLINGS if name not in {"others/cisco-c9300", "huawei/ce6881", "others/arista-7050"})
CLI = ("huawei/s5720", "others/cisco-c2960x")
COVERED = {"bcad28": "hikvision", "a4d5c2": "hikvision", "3cef8c": "dahua", "9c1463": "dahua", "a8f5ac": "huawei"}
OTHERS = ("001422", "3c970e", "001b21", "00408c", "0024e8", "f8b156")
# A locally administered MAC, such as phones make up, is no mark of a device.
PHONES, POINTS, GUESTS, RANDOM = "001565", "24a43c", "000c29", "da1119"
BRIDGE = "bridge router"


@cache
def labels() -> dict[str, samples.Label]:
    """Return the labels of the samples, read once."""
    return samples.labels(SAMPLES)


@dataclass
class Draft:
    """A network being drawn: numbers never used twice, hosts counted per site."""

    seed: int
    devices: list[LabDevice] = field(default_factory=list)
    bystanders: list[Bystander] = field(default_factory=list)
    cables: list[Cable] = field(default_factory=list)
    hosts: Counter[str] = field(default_factory=Counter)
    number: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.style = self.chance.choice(("{site}-{role}{n}", "{role}{n}-{site}", "{site}{role}{n}"))
        self.roles: Counter[tuple[str, str]] = Counter()

    def mac(self, prefix: str) -> str:
        """Return the next MAC of a prefix."""
        self.number += 1
        return f"{prefix}{(self.seed % 16) << 20 | 0x7000 + self.number:06x}"

    def name(self, site: str, role: str) -> str:
        """Return the next name of a role, as this network names things."""
        self.roles[site, role] += 1
        return self.style.format(site=site[:4], role=role, n=self.roles[site, role])

    def device(self, site: str, role: str, plays: str, **words: object) -> LabDevice:
        """Add a device that answers, its serial number in the grammar of the recorded one."""
        label = labels()[plays]
        self.hosts[site] += 1
        self.number += 1
        mac = self.mac(label.mac[:6]) if label.mac[:10] != "00005e0053" else f"00005e0053{len(self.devices) + 128:02x}"
        serial = re.sub(r"\d{4}(?=\D{0,4}\Z)", f"{2000 + self.number:04}", label.serial)
        words.setdefault("logins", {"snmp": "access"})
        one = LabDevice(
            site=site, host=self.hosts[site], plays=plays, name=self.name(site, role), mac=mac, serial=serial, **words
        )
        self.devices.append(one)
        return one

    def switch(self, site: str, role: str, plays: str, above: LabDevice | None = None, **words: object) -> LabDevice:
        """Add a switch with its tables below another one, on an uplink of its own spelling."""
        tables = {"fdb", "lldp", "stp"} | ({"arp"} if above is None else set())
        if above is not None:
            words |= {"switch": above.name, "uplink": words.get("uplink") or SPELLINGS[plays][1].format(1)}
            words.setdefault("port", self.port_down(above))
        return self.device(
            site, role, plays, tables=frozenset(tables), lldp=True, capabilities=BRIDGE, vlan=10, **words
        )

    def port_down(self, above: LabDevice) -> str:
        """Return the next port of a switch for other switches."""
        return SPELLINGS[above.plays][1].format(sum(1 for one in self.devices if one.switch == above.name) + 2)

    def heard(self, at: LabDevice, port: str, prefix: str, what: str, **words: object) -> Bystander:
        """Add something that never answers to a port."""
        one = Bystander(
            site=at.site,
            mac=self.mac(prefix),
            switch=at.name,
            port=port,
            vlan=20,
            maker=COVERED.get(prefix, ""),
            what=what,
            **words,
        )
        self.bystanders.append(one)
        return one

    def fill(self, at: LabDevice, ports: range) -> None:
        """Plug something into each port: alone, behind a phone, an access point, an unmanaged switch."""
        for number in ports:
            port = SPELLINGS[at.plays][0].format(number)
            sort = self.chance.choices(("alone", "phone", "point", "hub", ""), (60, 14, 5, 8, 13))[0]
            if sort == "alone":
                self.heard(at, port, self.endpoint(), "plugged in alone")
            elif sort == "phone":
                self.heard(at, port, PHONES, "phone", **self.announced("SEP", "port 1", "bridge telephone"))
                self.heard(at, port, self.endpoint(), "behind a phone")
            elif sort == "point":
                self.heard(at, port, POINTS, "access point", **self.announced("ap", "eth0", "bridge wlan-access-point"))
                for _ in range(self.chance.randint(1, 4)):
                    self.heard(at, port, self.chance.choice((*OTHERS, RANDOM)), "in the air")
            elif sort == "hub":
                for _ in range(self.chance.randint(2, 6)):
                    self.heard(at, port, self.endpoint(), "behind an unmanaged switch")

    def endpoint(self) -> str:
        """Return the prefix of a device, one in three of a covered maker."""
        return self.chance.choice(tuple(COVERED)) if self.chance.random() < 1 / 3 else self.chance.choice(OTHERS)

    def announced(self, word: str, port: str, capabilities: str) -> dict[str, object]:
        """Return how a phone or an access point announces itself."""
        return {"name": f"{word}{self.number + 1:06x}", "uplink": port, "lldp": True, "capabilities": capabilities}

    def access(self, count: int) -> list[str]:
        """Return recorded switches to play, one of them read on its command line alone."""
        return [self.chance.choice(CLI), *(self.chance.choice(ACCESS) for _ in range(count - 1))]

    def network(self, sites: dict[str, str]) -> Network:
        """Return the network; every device is read with one of its credentials."""
        credentials = {
            "core": Credential(name="core", kind="snmp-v3", user="audit", auth="SHA256", priv="AES"),
            "access": Credential(name="access", kind="snmp-v2c"),
            "cli": Credential(name="cli", kind="ssh", user="audit"),
        }
        return Network(
            sites=tuple(
                LabSite(name=name, net="203.0.113.", at=at, credentials=tuple(credentials))
                for name, at in sites.items()
            ),
            devices=tuple(self.devices),
            bystanders=tuple(self.bystanders),
            credentials=credentials,
            secret=frozenset(),
            ports=PORTS,
            truth=truth(self.devices, self.bystanders),
            cables=tuple(self.cables),
        )


def truth(devices: list[LabDevice], bystanders: list[Bystander]) -> dict[str, dict[str, int]]:
    """Return what an audit must count, by site: makers, what is read, what is only heard of."""
    counts: dict[str, Counter[str]] = {}
    for one in devices:
        here = counts.setdefault(one.site, Counter())
        maker = labels()[one.plays].maker
        here.update(("read", *((maker,) if maker != "none" else ())))
        here.update(TERMINALS.get(one.plays, {}))
    for other in bystanders:
        counts.setdefault(other.site, Counter()).update((f"heard_{other.maker}",) if other.maker else ())
    return {site: dict(sorted(here.items())) for site, here in sorted(counts.items())}


# What the recorded line terminals list behind themselves.
TERMINALS = {"huawei/ma5800-x7": {"heard_huawei": 2}, "zte/zxa10-c320": {"heard_zte": 2, "heard_huawei": 1}}


def campus(seed: int) -> Network:
    """Return three sites and twelve switches in three tiers, with all that hangs on a campus."""
    draft = Draft(seed)
    trunk = draft.chance.choice(("huawei/ce6881", "others/arista-7050"))
    core = draft.switch(
        "hq",
        "core",
        "others/cisco-c9300",
        logins={"snmp": "core"},
        members=(f"FCW0{seed:02}0B901",),
        bundles=("Po1 = Te1/1/1 Te2/1/1", "Po2 = Te1/1/2 Te2/1/2"),
    )
    halls = [
        draft.switch(
            "hq",
            "dist",
            trunk,
            core,
            port=f"Po{number}",
            uplink=AGGREGATES[trunk].format(1),
            bundles=(f"{AGGREGATES[trunk].format(1)} = " + " ".join(map(SPELLINGS[trunk][1].format, (7, 8))),),
        )
        for number in (1, 2)
    ]
    kinds = draft.access(8)
    floors = [draft.switch("hq", "acc", kind, halls[at % 2], **_login(at)) for at, kind in enumerate(kinds[:4])]
    for site, count in (("lab", 2), ("depot", 1)):
        top = draft.switch(site, "dist", draft.chance.choice(ACCESS))
        floors += [draft.switch(site, "acc", kinds.pop(), top) for _ in range(count)]
    draft.cables.append(_blocked(floors[1], halls[0]))
    _special(draft, core, halls[0], floors)
    for one in floors:
        draft.fill(one, range(8, draft.chance.randint(20, 40)))
    return draft.network({"hq": "127.0.80.", "lab": "127.0.81.", "depot": "127.0.82."})


def _login(at: int) -> dict[str, object]:
    return {"logins": {"ssh": "cli"}} if at == 0 else {}


def _blocked(near: LabDevice, far: LabDevice) -> Cable:
    return Cable(
        site=near.site,
        near=(near.name, SPELLINGS[near.plays][1].format(3)),
        far=(far.name, SPELLINGS[far.plays][1].format(9)),
    )


def _special(draft: Draft, core: LabDevice, hall: LabDevice, floors: list[LabDevice]) -> None:
    """Plug in a firewall pair, a controller, a hypervisor with guests, recorders with cameras."""
    pair = draft.mac("cc96a0")
    for number in (3, 4):
        draft.device("hq", "fw", "huawei/usg6308e", switch=core.name, port=f"Gi1/0/{number}", shares=pair, vlan=10)
    draft.device("hq", "wlc", "huawei/ac6605", switch=core.name, port="Gi1/0/5", vlan=10)
    port = SPELLINGS[hall.plays][0].format(7)
    draft.device("hq", "vm", "lookalikes/net-snmp-linux", switch=hall.name, port=port, vlan=10)
    for _ in range(3):
        draft.heard(hall, port, GUESTS, "guest")
    for at, one in enumerate(floors[:3]):
        ports = [SPELLINGS[one.plays][0].format(number) for number in (1, 2, 3)]
        draft.device(one.site, "nvr", ("dahua/nvr4108", "hikvision/ds-7608ni")[at % 2], switch=one.name, port=ports[0])
        for _ in range(3):
            draft.heard(one, ports[0], draft.chance.choice(("bcad28", "3cef8c")), "on the ports of a recorder")
        draft.device(one.site, "ap", "huawei/ap6050dn", switch=one.name, port=ports[1], lldp=True,
                     capabilities="bridge wlan-access-point", uplink="GigabitEthernet0/0/0")  # fmt: skip
        draft.heard(one, ports[1], draft.chance.choice(OTHERS), "in the air")
        draft.heard(one, ports[2], "bcad28", "camera")


def rural(seed: int) -> Network:
    """Return an exchange with a ring, line terminals, microwave links and the towers behind."""
    draft = Draft(seed + 1000)
    kinds = draft.access(7)
    core = draft.switch("exchange", "rtr", "others/cisco-c9300", logins={"snmp": "core"})
    ring: list[LabDevice] = []
    for at, kind in enumerate(kinds[:4]):
        ring.append(draft.switch("exchange", "agg", kind, ring[-2] if at > 1 else core, **_login(at)))
    draft.cables.append(_blocked(ring[3], ring[2]))
    for at, kind in enumerate(("huawei/ma5800-x7", "zte/zxa10-c320")):
        port = SPELLINGS[ring[at].plays][0].format(5)
        draft.device(
            "exchange", "olt", kind, switch=ring[at].name, port=port, lldp=True, capabilities="bridge", vlan=10
        )
        for _ in range(6):
            draft.heard(ring[at], port, draft.chance.choice(OTHERS), "subscriber behind a line terminal")
    towers = []
    for at, kind in enumerate(kinds[4:]):
        below = ring[at + 1]
        port = SPELLINGS[below.plays][0].format(6)
        for _ in range(2):
            draft.device("exchange", "mw", "huawei/optix-rtn950", switch=below.name, port=port, vlan=10)
        towers.append(draft.switch("exchange", "twr", kind, below, port=port))
    for one in towers:
        cell, power, camera = (SPELLINGS[one.plays][0].format(number) for number in (1, 2, 3))
        draft.device("exchange", "cell", "huawei/atn910c", switch=one.name, port=cell, vlan=10)
        draft.device("exchange", "ups", "others/apc-ups", switch=one.name, port=power, vlan=10)
        draft.heard(one, camera, draft.chance.choice(("bcad28", "9c1463")), "camera on the mast")
    for one in (*ring, *towers):
        draft.fill(one, range(8, draft.chance.randint(14, 24)))
    return draft.network({"exchange": "127.0.85."})


def as_toml(network: Network, head: str) -> str:
    """Return a network as the lab reads it."""
    lines = [f"# {head}", "# Drawn by tests/tools/drawn_networks.py.", "", "[ports]"]
    lines += [f"{name} = {port}" for name, port in network.ports.items()]
    for name, one in network.credentials.items():
        words = {"kind": one.kind, "user": one.user, "auth": one.auth, "priv": one.priv}
        lines += ["", f"[credential.{name}]", *(f'{key} = "{value}"' for key, value in words.items() if value)]
    for sort, rows in (
        ("site", network.sites),
        ("device", network.devices),
        ("heard", network.bystanders),
        ("cable", network.cables),
    ):
        for row in rows:
            lines += ["", f"[[{sort}]]", *_cells(row)]
    for site, counts in network.truth.items():
        lines += ["", f"[truth.{site}]", *(f"{key} = {value}" for key, value in counts.items())]
    return "\n".join(lines) + "\n"


def _cells(row: object) -> list[str]:
    cells = {one.name: getattr(row, one.name) for one in fields(row) if getattr(row, one.name) != one.default}
    if switch := cells.pop("switch", ""):
        cells["link"] = f"{switch} {cells.pop('port')}"
    cells |= cells.pop("logins", {})
    cells |= {key: spelled(cells[key]) for key in ("mac", "shares") if cells.get(key)}
    cells |= {key: " ".join(cells[key]) for key in ("near", "far") if key in cells}
    return [f"{key} = {_value(value)}" for key, value in cells.items() if value not in ("", (), frozenset())]


def _value(value: object) -> str:
    if isinstance(value, (tuple, frozenset)):
        items = sorted(value) if isinstance(value, frozenset) else value
        return "[" + ", ".join(f'"{item}"' for item in items) + "]"
    return str(value).lower() if isinstance(value, (bool, int)) else f'"{value}"'


FILES = {
    "campus": (campus, "A campus: three sites, twelve switches in three tiers, all that hangs on them."),
    "rural": (rural, "A rural carrier: an exchange with a ring, line terminals, microwave links, towers."),
}


def main() -> None:
    """Write the files of seed 0."""
    for name, (draw, head) in FILES.items():
        (FOLDER / f"{name}.toml").write_text(as_toml(draw(0), head), encoding="utf-8")


if __name__ == "__main__" and "--write" in sys.argv:
    main()
