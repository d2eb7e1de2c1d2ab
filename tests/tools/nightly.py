"""A folder with a store in which a run a night is kept, and commands typed against it."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from click.testing import CliRunner

from auditor.cli import main
from auditor.formats import journal
from auditor.model import Fact, Observation, Run, Target
from auditor.store.runs import Store

VRP = "Huawei Versatile Routing Platform Software \r\n VRP (R) software,Version 5.170 (S5720 V200R010C00SPC600)"


def box(address, *, mac="", serial="", site="hq", **words):
    """Return what one device says of itself: its `name`, and what it `says` (a switch of VRP)."""
    name, says = words.get("name", ""), words.get("says", VRP)
    facts = [Fact(kind="snmp.sysdescr", value=says, where="1.3.6.1.2.1.1.1.0")]
    facts += [Fact(kind="if.mac", value=mac, where="1")] if mac else []
    facts += [Fact(kind="snmp.sysname", value=name, where="1.3.6.1.2.1.1.5.0")] if name else []
    chassis = {"entity.class": "chassis", "entity.serial": serial} if serial else {}
    facts += [Fact(kind=kind, value=value, where="1") for kind, value in chassis.items()]
    at = datetime(2026, 11, 1, 5, tzinfo=UTC)
    return Observation(target=Target(address=address, site=site), collector="snmp", at=at, facts=tuple(facts))


class Nights:
    """Imports the journal of a night a day after the one before; the first is 2026-11-01, 05:00."""

    def __init__(self, folder):
        self.folder, self.day = folder, 0

    def at(self, day, hour=5):
        """Return the environment in which it is a day of that November."""
        return {"SOURCE_DATE_EPOCH": str(int(datetime(2026, 11, day, hour, tzinfo=UTC).timestamp()))}

    def night(self, *boxes, code=1, words=()):
        """Import what one night reads and return the result."""
        self.day += 1
        at = datetime(2026, 11, self.day, 5, tzinfo=UTC)
        head = journal.encode_run(Run(id=f"run-{self.day}", started=at, tool="t", sites=("hq",)))
        lines = [head, *(journal.encode(replace(one, at=at)) for one in boxes)]
        (self.folder / "j.jsonl").write_text("\n".join(lines) + "\n")
        return self("import", "j.jsonl", *words, code=code, env=self.at(self.day))

    def __call__(self, *words, code=0, env=None, **settings):
        """Run a command on the store and return its result, whose exit code is as expected (None: any)."""
        env = env or self.at(max(self.day, 1), 12)
        result = CliRunner().invoke(main, [*map(str, words), "--store", "s.db"], env=env, **settings)
        assert code in {None, result.exit_code}, (words, result.output, result.stderr)
        return result

    def json(self, *words, code=0):
        """Return what a command prints as JSON."""
        return json.loads(self(*words, "-f", "json", code=code).stdout)

    @property
    def store(self):
        """Return the store."""
        return Store(self.folder / "s.db")

    @property
    def numbers(self):
        """Return the number of each device of the newest run, by address."""
        store = self.store
        return {asset["address"]: asset["device"] for asset in store.audit(store.runs()[-1])["assets"]}
