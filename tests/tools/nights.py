"""A year of nights by construction: two sites, what happens to each box, and what must be told of it.

The truth comes from what was done to the boxes, never from the code under test: `Year.nights` yields for each run its
records and who is to be told of with which word.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta

from auditor.model import Observation, Reason, SweepNote, Target, Unread
from tests.tools.lives import at
from tests.tools.records import arp, descr, fact, learned, lldp, mac, name, serial

NETS = {"hq": "192.0.2", "lab": "198.51.100"}
HOURS = {"hq": 2, "lab": 4}
# What a box is: its block of MACs, and whether a covered maker made it.
PREFIXES = {"camera": "bcad28", "ap": "001e10", "printer": "00005e0053", "oem": "00005e0053", "switch": "00005e0053"}
COVERED = ("camera", "ap")
PROBABLE, CONFIRMED = 1, 2
ISAPI = (
    '<DeviceInfo version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"><deviceName>IPC</deviceName>'
    "<model>DS-2CD2386G2-IU</model><serialNumber>{serial}</serialNumber><macAddress>{mac}</macAddress>"
    "<firmwareVersion>V5.7.{version}</firmwareVersion></DeviceInfo>"
)
SYSDESCR = {
    "ap": "AP4050DN\nHuawei Versatile Routing Platform Software\r\nVRP (R) software, Version 5.170 "
    "(AP4050DN V200R0{version:02d}C00SPC600)",
    "printer": "Example Printer, firmware {version}",
    "oem": "Northwind NW-IPC-2143 V2.1",
    "switch": "Example Switch Software, Version {version}",
}
OEM_RULE = """
brand = "Northwind"
maker = "hikvision"

[[rule]]
id = "northwind-description"
fact = "snmp.sysdescr"
regex = '''^Northwind (?P<model>NW-IPC-\\d{4})\\b'''
category = "camera"
strength = "strong"
cap = "probable"
because = "Northwind's own list gives these numbers to units whose firmware Hikvision builds."
source = "https://northwind.example/models"
never = ["Northwind NW-SW-24 switch"]

  [[rule.example]]
  value = "Northwind NW-IPC-2143 V2.1"
  model = "NW-IPC-2143"
"""


@dataclass(eq=False)
class Memory:
    """What one site's runs last saw of a box."""

    mode: str = "read"
    missed: list = field(default_factory=list)


@dataclass(eq=False)
class Box:
    """One device: what it is, where it is, and what was told of it."""

    id: int
    kind: str
    site: str
    host: int
    switch: str = "sw-a"
    port: int = 0
    name: str = ""
    version: int = 1
    mode: str = "read"
    until: int = 0
    then: str = "read"
    removed: object = None
    busy: int = 0
    memory: dict = field(default_factory=dict)
    told: dict = field(default_factory=dict)
    last_site: str = ""
    is_gone: bool = False
    best: int = 0
    is_known: bool = False

    @property
    def mac(self):
        return PREFIXES[self.kind] + f"{self.id:0{12 - len(PREFIXES[self.kind])}x}"

    @property
    def serial(self):
        stem = "DS-2CD2386G2-IU20220401AAWRJ" if self.kind == "camera" else "XQ77"
        return f"{stem}{self.id:08d}"

    @property
    def address(self):
        return f"{NETS[self.site]}.{self.host}"

    def words(self, *, weak=False):
        """Return what it says of itself."""
        own = [name(self.name), mac(self.mac)]
        if not weak:
            own.append(serial(self.serial))
        if self.kind in SYSDESCR:
            return [*own, descr(SYSDESCR[self.kind].format(version=self.version))]
        text = ISAPI.format(serial=self.serial, mac=self.mac, version=self.version)
        return [*own, fact("isapi.deviceinfo", text, "/ISAPI/System/deviceInfo")]


@dataclass
class Run:
    """One run: when and where, its records, what it must tell, and its exit code under `--fail-on new`."""

    site: str
    started: object
    now: object
    records: list
    truth: set
    code: int
    rules: str
    laws: str
    steps: dict


class Year:
    """Two sites and all that happens at them, by a seed."""

    def __init__(self, seed, days, boxes=24):
        self.random, self.days, self.ids = random.Random(seed), days, iter(range(1, 256))
        self.rules = self.laws = "a"
        self.switches = {site: [self._switch(site, host, word) for host, word in enumerate(("core", "sw-a", "sw-b"), 1)]
                         for site in NETS}  # fmt: skip
        self.boxes = [box for own in self.switches.values() for box in own]
        for number in range(boxes):
            self.add("hq" if number % 3 else "lab", ("camera", "printer", "ap", "oem")[number % 4])

    def _switch(self, site, host, word):
        return Box(id=next(self.ids), kind="switch", site=site, host=host, name=f"{site}-{word}", switch=word)

    def add(self, site, kind, **values):
        """Plug in a box nobody ever saw."""
        switch, port = self.free_port(site)
        number = next(self.ids)
        box = Box(
            id=number, kind=kind, site=site, host=self.free_host(site), switch=switch, port=port,
            name=f"{kind}-{number}", **values,
        )  # fmt: skip
        self.boxes.append(box)
        return box

    def free_port(self, site):
        used = {(box.switch, box.port) for box in self.boxes if box.site == site}
        ports = [(switch, port) for switch in ("sw-a", "sw-b") for port in range(1, 48)]
        return self.random.choice([port for port in ports if port not in used])

    def free_host(self, site):
        used = {box.host for box in self.boxes if box.site == site}
        return self.random.choice([host for host in range(10, 250) if host not in used])

    # What happens in a day.

    def happen(self, day):
        """Let a few things happen to boxes that nothing happens to, each of its own kind."""
        for box in self.boxes:
            self._recover(box, day)
        for _ in range(self.random.choice((0, 0, 1, 1, 2))):
            idle = [box for box in self.boxes if box.busy < day and box.is_known and box.kind not in {"switch", "oem"}]
            if idle:
                box = self.random.choice(idle)
                box.busy = day + 20
                getattr(self, self.random.choice(ACTIONS))(box, day)
        self._trouble(day)
        self.rules = "b" if day >= self.days // 3 else "a"
        self.laws = "b" if day >= self.days // 2 else "a"

    @staticmethod
    def _recover(box, day):
        """End what was for a while; what was removed and came back is heard first, and settled by a person."""
        if box.until and day >= box.until:
            box.mode, box.then, box.until = box.then, "read", day + 5 if box.then == "heard" else 0
        if box.removed and box.told["alarm"] > 1:
            box.removed = None

    def _trouble(self, day):
        """Let switches fail and have other names."""
        idle = [switch for own in self.switches.values() for switch in own if switch.busy < day]
        if idle and self.random.random() < 0.05:
            switch = self.random.choice(idle)
            switch.mode, switch.until, switch.busy = "fails", day + self.random.randint(1, 3), day + 12
        elif idle and self.random.random() < 0.03:
            self.random.choice(idle).name += "x"

    def appear(self, box, day):
        self.add(box.site, box.kind, busy=day + 10)

    def appear_heard(self, box, day):
        self.add(box.site, box.kind, mode="heard", until=day + self.random.randint(2, 5), busy=day + 15)

    def move(self, box, _day):
        box.switch, box.port = self.free_port(box.site)

    def rename(self, box, _day):
        box.name += "n"

    def readdress(self, box, _day):
        box.host = self.free_host(box.site)

    def upgrade(self, box, _day):
        # The audit document tells the version of covered gear alone.
        box.version += box.kind in COVERED

    def hush(self, box, day):
        box.mode, box.until = "absent", day + self.random.randint(1, 2)

    def leave(self, box, day):
        box.mode, box.until, box.busy = "absent", day + self.random.randint(6, 16), day + 30

    def weaken(self, box, day):
        box.mode, box.until = "weak", day + self.random.randint(1, 3)

    def sink(self, box, day):
        box.mode, box.until = "heard", day + self.random.randint(1, 4)

    def fail(self, box, day):
        box.mode, box.until = "fails", day + self.random.randint(1, 3)

    def swap(self, box, day):
        box.mode, box.busy = "absent", 10**6
        other = self.add(box.site, box.kind, busy=day + 10)
        other.host, other.name, other.switch, other.port = box.host, box.name, box.switch, box.port

    def remove(self, box, day):
        box.mode, box.until, box.then = "absent", day + self.random.randint(3, 12), "heard"
        box.removed, box.busy = at(day).date(), day + 40
        box.told["alarm"] = 0

    def carry(self, box, day):
        other = next(site for site in NETS if site != box.site)
        switch, port = self.free_port(other)
        box.site, box.host, box.switch, box.port = other, self.free_host(other), switch, port
        box.busy = day + 30

    # What a run reads.

    def nights(self):
        """Yield each run with its truth, in the order of the clock."""
        for day in range(self.days):
            if day:
                self.happen(day)
            for site in sorted(NETS, key=HOURS.__getitem__):
                if site == "hq" or day % 2 == 0:
                    yield self._night(site, at(day, HOURS[site]))
            if day % 9 == 5:
                yield self._by_hand(at(day, 12))
            if day % 30 == 20 and not any(box.removed for box in self.boxes):
                yield self._ahead(at(day, 15))

    def _night(self, site, moment):
        own = [box for box in self.boxes if box.site == site]
        modes = {box: box.mode for box in own if box.mode != "absent"}
        code = self._code(modes, site, moment.date())
        truth = self._morning(site, moment.date(), modes)
        return self._run(site, (moment, moment), self._records(site, moment, modes), truth, code)

    def _by_hand(self, moment):
        """Return the run of somebody who looks at one device at noon."""
        idle = [
            box for box in self.boxes
            if box.kind != "switch" and box.mode == "read" and box.last_site == box.site and not box.removed
            and box.memory[box.site].mode == "read" and not box.memory[box.site].missed
        ]  # fmt: skip
        box = self.random.choice(idle)
        code = self._code({box: "read"}, box.site, moment.date())
        truth = self._own_words(box, "read") | self._verdicts(box, "read", "read")
        return self._run(box.site, (moment, moment), [self._spoken(box, moment)], truth, code)

    def _ahead(self, moment):
        """Return the run of a machine whose clock is a year ahead: it shows nothing that was not there."""
        modes = {box: box.mode for box in self.boxes if box.site == "hq" and box.mode != "absent" and box.is_known}
        started = moment + timedelta(days=365)
        code = self._code(modes, "hq", None)
        for box, mode in modes.items():
            box.best = max(box.best, self._level(box, mode))
        return self._run("hq", (started, moment), self._records("hq", started, modes), set(), code)

    def _run(self, site, moments, records, truth, code):
        steps = {box.id: box.removed for box in self.boxes if box.removed}
        return Run(site, *moments, records, truth, code, self.rules, self.laws, steps)

    def _records(self, site, moment, modes):
        switches = self.switches[site]
        read = [box for box, mode in modes.items() if mode in {"read", "weak"}]
        failing = [box for box, mode in modes.items() if mode == "fails"]
        records = [self._swept(box, moment) for box in (*read, *failing)]
        records[-1] = self._swept(records[-1].target, moment, f"{NETS[site]}.1-{NETS[site]}.254")
        for box in failing:
            target = Target(address=box.address, site=site)
            records.append(Unread(target=target, collector="snmp", at=moment, reason=Reason.AUTHENTICATION))
        present = [box for box in modes if box.kind != "switch"]
        for box in read:
            tables = self._tables(box, switches, present) if box in switches else []
            records.append(self._spoken(box, moment, tables, weak=modes[box] == "weak"))
        self.random.shuffle(records)
        return records

    def _swept(self, box, moment, *ranges):
        target = Target(address=box.address, site=box.site)
        return Observation(target=target, collector="sweep", at=moment, facts=(), sweep=SweepNote(ranges=ranges))

    def _spoken(self, box, moment, tables=(), *, weak=False):
        facts = [*box.words(weak=weak), *tables]
        return Observation(
            target=Target(address=box.address, site=box.site), collector="snmp", at=moment, facts=tuple(facts)
        )

    def _tables(self, switch, switches, present):
        """Return the tables of a switch, their rows in the order of one night."""
        core, *leaves = switches
        rows = []
        for box in present:
            home = next(leaf for leaf in leaves if leaf.switch == box.switch)
            rows += [(box, f"Gi1/0/{box.port}" if switch is home else self._towards(switch, home, switches))]
        rows += [(other, self._towards(switch, other, switches)) for other in switches if other is not switch]
        self.random.shuffle(rows)
        facts = [one for box, port in rows for one in learned(box.mac, port)]
        facts += learned(f"02{self.random.getrandbits(40):010x}", f"Gi1/0/{self.random.randint(1, 40)}")
        if switch is core:
            facts += [arp(box.address, box.mac) for box, _ in rows]
        near = leaves if switch is core else [core]
        for other in near:
            port, far = self._towards(switch, other, switches), self._towards(other, switch, switches)
            row = f"{self.random.randint(1, 60)}.{self.random.randint(1, 9)}"
            facts += lldp(port, row, chassis=other.mac, sysname=other.name, portid=far)
        return facts

    @staticmethod
    def _towards(switch, other, switches):
        core = switches[0]
        return f"Gi1/1/{switches.index(other)}" if switch is core else "Gi1/1/48"

    # What must be told.

    def _morning(self, site, day, modes):
        truth = set()
        for box in self.boxes:
            if box in modes:
                truth |= {(word, box.id) for word in self._seen(box, site, day, modes)}
            elif site in box.memory:
                truth |= {(word, box.id) for word in self._missed(box, site, day, modes)}
        return truth

    def _missed(self, box, site, day, modes):
        """Return what its absence is called; behind a switch that failed it is called nothing."""
        switch = next(one for one in self.switches[site] if one.switch == box.told["port"][1])
        memory = box.memory[site]
        if box.is_gone or (modes.get(switch) == "fails" and box.told["port"][0] == site):
            return set()
        memory.missed.append(day)
        if box.last_site != site:
            return set()
        if len(memory.missed) >= 3 and (day - memory.missed[0]).days >= 3:
            box.is_gone = True
            return {"gone"}
        return {"silent"} if len(memory.missed) == 1 else set()

    def _seen(self, box, site, day, modes):
        mode = modes[box]
        words = set()
        before = box.memory.get(site)
        if not box.is_known:
            words = {"new"}
            self._learn(box, mode, first=True)
        else:
            if box.removed and box.removed < day:
                words.add("removed, seen again")
                box.told["alarm"] += 1
            if box.is_gone:
                words.add("back")
            if box.last_site != site:
                words.add("moved site")
                box.told["address"] = (site, box.address)
            else:
                words |= self._speech(before.mode, mode) | self._place(box, site, modes)
            words |= {word for word, _ in self._own_words(box, mode)}
            words |= {word for word, _ in self._verdicts(box, before.mode if before else "read", mode)}
        if box.last_site != site:
            box.told["port"] = (site, box.switch, box.port)
        box.is_known, box.is_gone, box.last_site = True, False, site
        box.memory[site] = Memory(mode="heard" if mode == "fails" else "read" if mode == "weak" else mode)
        box.best = max(box.best, self._level(box, mode))
        return words

    def _learn(self, box, mode, *, first=False):
        if first or mode in {"read", "weak"}:
            box.told |= {"name": box.name, "version": box.version, "address": (box.site, box.address)}
        box.told |= {"rules": self.rules, "laws": self.laws, "port": (box.site, box.switch, box.port)}

    @staticmethod
    def _speech(before, mode):
        if mode == "fails":
            return {"unread"} if before == "read" else set()
        if mode == "heard":
            return {"heard now"} if before == "read" else set()
        return {"read now"} if before == "heard" else set()

    def _place(self, box, site, modes):
        """Return whether a move shows: both switches have to be read."""
        if box.kind == "switch":
            return set()
        words = {one.switch for one in self.switches[site] if modes.get(one) == "read"}
        _, switch, port = box.told["port"]
        if {switch, box.switch} <= words and (switch, port) != (box.switch, box.port):
            box.told["port"] = (site, box.switch, box.port)
            return {"moved"}
        return set()

    def _own_words(self, box, mode):
        """Return what it says of itself for the first time."""
        if mode not in {"read", "weak"}:
            return set()
        now = {"name": box.name, "version": box.version, "address": (box.site, box.address)}
        words = {"name": "renamed", "version": "firmware", "address": "readdressed"}
        changes = {words[key] for key, value in now.items() if box.told[key] != value}
        box.told |= now
        return {(word, box.id) for word in changes}

    def _verdicts(self, box, before, mode):
        """Return what new rules or laws make of it, where it speaks as it did."""
        words = set()
        speaks = mode in {"read", "weak"}
        if box.kind == "oem" and box.told["rules"] != self.rules and speaks:
            words.add("changed: rules")
        elif box.told["laws"] != self.laws and self._level(box, mode) and speaks == (before == "read"):
            words.add("changed: law")
        box.told |= {"rules": self.rules, "laws": self.laws}
        return {(word, box.id) for word in words}

    def _level(self, box, mode):
        if box.kind == "oem":
            return PROBABLE if self.rules == "b" and mode in {"read", "weak"} else 0
        if box.kind not in COVERED:
            return 0
        return CONFIRMED if mode in {"read", "weak"} else PROBABLE

    def _code(self, modes, site, day):
        """Return the exit code, before the run is taken in."""
        for box, mode in modes.items():
            is_back = box.is_gone and day and self._level(box, mode)
            if self._level(box, mode) > box.best or is_back or (day and box.removed and box.removed < day):
                return 1
        failing = [box.memory.get(site, Memory("")) for box, mode in modes.items() if mode == "fails"]
        return 3 if any(memory.mode == "read" and not memory.missed for memory in failing) else 0


ACTIONS = (
    "appear", "appear_heard", "move", "move", "rename", "readdress", "upgrade", "hush", "leave", "weaken", "sink",
    "fail", "swap", "remove", "carry",
)  # fmt: skip
