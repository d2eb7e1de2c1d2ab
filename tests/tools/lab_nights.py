"""Thirty nights of two sites played on loopback and really scanned: `make nights`.

What is done to the boxes between two nights is the truth; what the store tells after each scan is held against it.
Uptimes, the order of tables and the secrets are others every night; the law is asked as of one day.
"""

import csv
import os
import random
import re
import socket
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from click.testing import CliRunner

from auditor.cli import main as command
from auditor.lab import network as networks
from auditor.lab import samples
from auditor.lab.network import Bystander, LabDevice, LabSite, Network
from auditor.lab.play import play
from auditor.model import Credential
from auditor.store.compare import kept_events
from auditor.store.runs import Store

NIGHTS = 30
FIRST = datetime(2026, 11, 1, 2, tzinfo=UTC)
SITES = {"hq": "192.0.2.", "depot": "198.51.100."}
SWITCHES = {
    "core": ("hq", "others/cisco-c9300", "", "", ("fdb", "arp", "lldp")),
    "sw-a": ("hq", "others/cisco-c2960x", "core Gi1/0/23", "Te1/0/1", ("fdb", "lldp")),
    "sw-b": ("hq", "others/cisco-c2960x", "core Gi1/0/24", "Te1/0/1", ("fdb", "lldp")),
    "yard": ("depot", "others/cisco-c2960x", "", "", ("fdb", "arp", "lldp")),
}
# What plays a box of a kind, how its MAC begins, how sure its maker is once it is read.
KINDS = {
    "ap": ("huawei/ap6050dn", "a8f5ac", 2),
    "switch": ("huawei/s5720", "a8f5ac", 2),
    "server": ("lookalikes/net-snmp-linux", "00005e0053", -1),
    "camera": ("", "3cef8c", 1),
}
HEARD = 1
# What a box was told as before any night, nights of silence until it is gone, how often a switch has trouble.
NEVER, GONE, TROUBLE = -2, 3, 0.15
# Another process may play its own nights meanwhile.
LOOPBACK = {"hq": f"127.{os.getpid() % 150 + 60}.50.", "depot": f"127.{os.getpid() % 150 + 60}.60."}
READ = ("move", "rename", "readdress", "upgrade", "fail", "hush", "leave", "remove", "appear", "carry")
HEARD_ONLY = ("move", "hush", "leave", "leave", "remove", "appear")
UPTIME = re.compile(r"(?m)^(1\.3\.6\.1\.2\.1\.1\.3\.0\|67\|)\d+$")
RELEASE = re.compile(r"SPC\d+")


@dataclass(eq=False)
class LabBox:
    """One device: what it is, where it is plugged in, whether it answers; `best` is the highest level ever told."""

    id: int
    kind: str
    site: str
    host: int
    switch: str
    port: int = 0
    mode: str = "read"
    name: str = ""
    release: int = 800
    until: int = 0
    then: str = "read"
    busy: int = 0
    missed: list = field(default_factory=list)
    removed: int = 0
    best: int = -2
    was: str = ""
    is_gone: bool = False
    told_site: str = ""
    memory: dict = field(default_factory=dict)

    @property
    def mac(self):
        start = KINDS[self.kind][1] if self.kind in KINDS else "00005e0053"
        return f"{start}{self.id:0{12 - len(start)}x}"

    def level(self):
        """Return how sure its maker is as it is seen now: -1 where nobody covered made it."""
        sure = KINDS[self.kind][2] if self.kind in KINDS else -1
        return sure if self.mode == "read" or sure < 0 else HEARD


class LabYear:
    """Two played sites and what happens at them, by a seed."""

    def __init__(self, seed):
        self.random, self.ids, self.hosts = random.Random(seed), iter(range(1, 99)), iter(range(10, 62))
        self.switches = {name: self._switch(at, name) for at, name in enumerate(SWITCHES, 1)}
        self.boxes = list(self.switches.values())
        for kind in ("ap", "ap", "ap", "switch", "server", "server", "camera", "camera", "camera", "camera"):
            self.add(kind)
        self.add("ap", "depot")

    def _switch(self, host, name):
        return LabBox(id=next(self.ids), kind=name, site=SWITCHES[name][0], host=host, switch="", name=name)

    def add(self, kind, site="hq", **values):
        """Plug in a box nobody ever saw."""
        switch, port = self.free_port(site)
        number = next(self.ids)
        box = LabBox(
            id=number, kind=kind, site=site, host=next(self.hosts), switch=switch, port=port, name=f"{kind}-{number}",
            **{"mode": "heard" if kind == "camera" else "read"} | values,
        )  # fmt: skip
        self.boxes.append(box)
        return box

    def free_port(self, site):
        used = {(box.switch, box.port) for box in self.boxes}
        leaves = [name for name, entry in SWITCHES.items() if entry[0] == site and (entry[2] or site == "depot")]
        ports = [(switch, port) for switch in leaves for port in range(2, 20)]
        return self.random.choice([port for port in ports if port not in used])

    def happen(self, day):
        """Let one or two things happen, each to a box that nothing happens to."""
        for box in self.boxes:
            if box.until and day >= box.until:
                box.mode, box.then, box.until = box.then, "absent", day + 1 if box.removed else 0
        for _ in range(self.random.choice((1, 1, 2))):
            idle = [box for box in self.boxes if box.busy < day and box.best > NEVER and box.kind in KINDS]
            for box in self.random.sample(idle, min(1, len(idle))):
                box.busy = day + 5
                getattr(self, self.random.choice(HEARD_ONLY if box.kind == "camera" else READ))(box, day)
        if self.random.random() < TROUBLE and all(one.busy < day for one in self.switches.values()):
            switch = self.switches["sw-b"]
            self.random.choice((self.rename, self.fail))(switch, day)
            switch.busy = day + 4

    def move(self, box, _day):
        box.switch, box.port = self.free_port(box.site)

    def rename(self, box, _day):
        box.name += "x"

    def readdress(self, box, _day):
        box.host = next(self.hosts)

    def upgrade(self, box, _day):
        box.release += box.kind == "switch"

    def fail(self, box, day):
        box.mode, box.until, box.then = "heard", day + self.random.randint(1, 2), "read"

    def hush(self, box, day):
        box.mode, box.until, box.then = "absent", day + self.random.randint(1, 2), box.mode

    def leave(self, box, day):
        box.mode, box.until, box.then, box.busy = "absent", day + 6, box.mode, day + 12

    def remove(self, box, day):
        box.mode, box.until, box.then, box.removed = "absent", day + self.random.randint(2, 4), box.mode, day
        box.busy = NIGHTS * 9

    def appear(self, box, day):
        self.add(box.kind, busy=day + 3)

    def carry(self, box, day):
        if box.kind == "switch" and box.site == "hq":
            box.site, box.host, box.busy = "depot", next(self.hosts), day + 99
            box.switch, box.port = self.free_port("depot")

    # What is played.

    def network(self, folder):
        """Return what is plugged in tonight, and write what each box says to a folder of samples."""
        rows, devices, heard = [], [], []
        for box in self.boxes:
            if box.kind == "camera" and box.mode == "heard":
                heard.append(Bystander(site=box.site, mac=box.mac, switch=self.switches[box.switch].name,
                                       port=f"Gi1/0/{box.port}", host=box.host))  # fmt: skip
            elif box.mode != "absent" and box.kind != "camera":
                rows.append(self._sample(box, folder))
                devices.append(self._device(box))
        with (folder / samples.LABELS).open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, samples.COLUMNS)
            table.writeheader()
            table.writerows(rows)
        self.random.shuffle(devices)
        self.random.shuffle(heard)
        sites = tuple(
            LabSite(name=name, net=net, at=LOOPBACK[name], credentials=("all",)) for name, net in SITES.items()
        )
        return Network(
            sites=sites, devices=tuple(devices), bystanders=tuple(heard), secret=frozenset(), truth={},
            credentials={"all": Credential(name="all", kind="snmp-v2c")}, ports=networks.PORTS,
        )  # fmt: skip

    def _sample(self, box, folder):
        plays = KINDS[box.kind][0] if box.kind in KINDS else SWITCHES[box.kind][1]
        base = samples.home() / f"{plays}.snmprec"
        text = UPTIME.sub(
            lambda match: f"{match[1]}{self.random.randrange(1, 10**8)}", base.read_text(encoding="utf-8")
        )
        if box.kind in {"ap", "switch"}:
            text = RELEASE.sub(f"SPC{box.release}", text)
        (folder / f"box-{box.id}.snmprec").write_text(text, encoding="utf-8")
        label = samples.labels(samples.home())[plays]
        return {name: getattr(label, name) for name in samples.COLUMNS} | {"sample": f"box-{box.id}"}

    def _device(self, box):
        more = {}
        if box.kind in SWITCHES:
            _, _, link, uplink, tables = SWITCHES[box.kind]
            above, _, port = link.partition(" ")
            more = {"uplink": uplink, "tables": frozenset(tables), "lldp": True, "capabilities": "bridge"}
            more |= {"switch": self.switches[above].name, "port": port} if above else {}
        else:
            more = {"switch": self.switches[box.switch].name, "port": f"Gi1/0/{box.port}"}
        return LabDevice(
            site=box.site, host=box.host, plays=f"box-{box.id}", name=box.name, mac=box.mac,
            serial=f"XQ7700{box.id:06d}", logins={"snmp": "all"} if box.mode == "read" else {}, **more,
        )  # fmt: skip

    # What must be told.

    def truth(self, site, day):
        """Return what must be told of whom after tonight's scan of a site, and its exit code."""
        told, self.is_alarm = set(), False
        for box in self.boxes:
            if box.site == site and box.mode != "absent":
                told |= {(word, box.id) for word in self._seen(box, site, day)}
            elif box.told_site == site and box.best > NEVER:
                told |= {(word, box.id) for word in self._missed(box, day)}
        return told, int(self.is_alarm)

    def _seen(self, box, site, day):
        words = set()
        if box.best == NEVER:
            words = {"new"}
        else:
            if box.removed and box.removed < day:
                words.add("removed, seen again")
            words |= {"back"} if box.is_gone else set()
            if box.told_site != site:
                words.add("moved site")
                box.memory["port"] = (box.switch, box.port)
            else:
                words |= self._changes(box)
        is_back = box.is_gone and box.level() > 0
        self.is_alarm |= box.level() > max(box.best, 0) or is_back or "removed, seen again" in words
        self._learn(box, site, is_new="new" in words)
        return words

    def _changes(self, box):
        words = set()
        if box.was != box.mode:
            words.add(f"{box.mode} now")
        switches = {name for name, one in self.switches.items() if one.mode == "read"}
        if box.kind in KINDS and {box.memory["port"][0], box.switch} <= switches:
            words |= {"moved"} if box.memory["port"] != (box.switch, box.port) else set()
            box.memory["port"] = (box.switch, box.port)
        if box.mode == "read":
            now = {"renamed": box.name, "firmware": box.release, "readdressed": box.host}
            words |= {word for word, value in now.items() if box.memory[word] != value}
        return words

    @staticmethod
    def _learn(box, site, *, is_new):
        if is_new:
            box.memory["port"] = (box.switch, box.port)
        if is_new or box.mode == "read":
            box.memory |= {"renamed": box.name, "firmware": box.release, "readdressed": box.host}
        box.best, box.was, box.told_site = max(box.best, box.level()), box.mode, site
        box.missed, box.is_gone = [], False

    def _missed(self, box, day):
        """Return what its absence is called; behind a switch that was not read it is called nothing."""
        switch = self.switches.get(box.memory["port"][0])
        if box.is_gone or (switch is not None and switch.mode != "read"):
            return set()
        box.missed.append(day)
        if len(box.missed) >= GONE and day - box.missed[0] >= GONE:
            box.is_gone = True
            return {"gone"}
        return {"silent"} if len(box.missed) == 1 else set()


class LabNights:
    """Plays and scans every night of a year in a folder, and compares what the store tells."""

    def __init__(self, year, folder):
        self.year, self.folder, self.store = year, folder, Store(folder / "s.db")
        self.numbers, self.words, self.runs = {}, Counter(), 0
        # What each scan that told nothing added to store and journals, in octets, and of how many devices.
        self.quiet = []

    def differences(self, nights):
        """Return each scan that told something else than was done: what too much, what too little, the exit codes."""
        wrong = []
        for day in range(nights):
            if day:
                self.year.happen(day)
            folder = self.folder / f"night-{day}"
            folder.mkdir()
            with play(self.year.network(folder), folder, folder / "lab") as lab, _silence(lab):
                self._open(lab)
                for site in SITES:
                    told, code = self._scan(lab, site, day)
                    truth, want = self.year.truth(site, day)
                    self.words.update(word for word, _ in truth)
                    told = {(word, self._box(number)) for word, number in told}
                    if (told, code) != (truth, want):
                        wrong.append((f"{site} night {day}", sorted(told - truth), sorted(truth - told), code, want))
            self._remove(day)
        return wrong

    @staticmethod
    def _open(lab):
        """Let the one credential be tried at every address, also where nobody is."""
        lines = lab.config.read_text(encoding="utf-8").splitlines(keepends=True)
        lab.config.write_text("".join(line for line in lines if "/32" not in line), encoding="utf-8")

    def _scan(self, lab, site, day):
        words = ["--config", str(lab.config), "scan", f"{LOOPBACK[site]}0/26", "--collector", "snmp", "--rate", "9000"]
        words += [
            "--no-progress",
            "--as-of",
            "2026-11-01",
            "--fail-on",
            "new",
            "-f",
            "jsonl",
            "-o",
            str(self.folder / "report.jsonl"),
        ]
        moment, before = FIRST + timedelta(days=day, hours=list(SITES).index(site)), self._octets()
        result = self._call(moment, *words)
        assert result.exit_code in {0, 1, 3}, (result.output, result.exception)
        self.runs += 1
        run = self.store.runs()[-1]
        assets = self.store.audit(run)["assets"]
        for asset in assets:
            for box in self.year.boxes:
                if box.mac in asset["macs"]:
                    assert self.numbers.setdefault(box.id, asset["device"]) == asset["device"], (box, asset)
        with self.store.database.reading() as base:
            events = [event for one in kept_events(base, run.id) for event in one.events]
        if not events:
            self.quiet.append((self._octets() - before, len(assets)))
        return {(event.sort.value, event.device) for event in events}, result.exit_code

    def _octets(self):
        files = (*self.folder.glob("s.db*"), *self.folder.glob("journals/*"))
        return sum(file.stat().st_size for file in files if file.is_file())

    def _call(self, moment, *words):
        environment = {"SOURCE_DATE_EPOCH": str(int(moment.timestamp())), "XDG_CONFIG_HOME": str(self.folder)}
        return CliRunner().invoke(command, [*words, "--store", str(self.folder / "s.db")], env=environment)

    def _box(self, number):
        return next((box for box, name in self.numbers.items() if int(name[2:]) == number), f"device {number}")

    def _remove(self, day):
        """Note the removals of a day, an hour after its scans."""
        for box in self.year.boxes:
            if box.removed == day and day:
                moment = FIRST + timedelta(days=day, hours=5)
                words = ("removal", "note", self.numbers[box.id], "removed", "--who", "A", "--note", "swapped")
                result = self._call(moment, *words)
                assert result.exit_code == 0, result.output


@contextmanager
def _silence(lab):
    """Take the SNMP port of every address that nobody plays, or the system itself would say that it is closed."""
    played = {endpoint.address for endpoint in lab.endpoints if "snmp" in endpoint.ports}
    with ExitStack() as stack:
        for address in (f"{net}{host}" for net in LOOPBACK.values() for host in range(64)):
            if address not in played:
                own = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                own.bind((address, lab.network.ports["snmp"]))
        yield


def main(seeds):
    """Write what each night of a seed told falsely; return 1 where any did."""
    broken = 0
    for seed in seeds:
        with tempfile.TemporaryDirectory() as name:
            nights = LabNights(LabYear(seed), Path(name))
            wrong = nights.differences(NIGHTS)
        events = ", ".join(f"{word} {count}" for word, count in sorted(nights.words.items()))
        sys.stdout.write(f"seed {seed}: {nights.runs} scans, {sum(nights.words.values())} events ({events}), "
                         f"{len(wrong)} scans told something else\n")  # fmt: skip
        octets, devices = (sum(column) / len(nights.quiet) for column in zip(*nights.quiet, strict=True))
        sys.stdout.write(f"  {len(nights.quiet)} scans told nothing: {octets:,.0f} octets each in store and journals, "
                         f"for {devices:.0f} devices\n")  # fmt: skip
        sys.stdout.writelines(f"  {line}\n" for line in wrong)
        broken += len(wrong)
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main(tuple(map(int, sys.argv[1:])) or (1,)))
