"""Network equipment inventory auditor: who made each device, how sure that is, and why.

>>> import auditor
>>> from auditor.lab.samples import home
>>> reading = auditor.read_files([home() / "huawei" / "ar6121.snmprec"])
>>> audit = auditor.audit(reading, policies=["us-fcc-covered-list"])
>>> [(item.asset.name, finding.maker, finding.verdict.word) for item in audit.assets for finding in item.findings]
[('branch-9', 'huawei', 'confirmed')]
>>> print(auditor.render(audit, "text").decode().splitlines()[0])
1 of 1 device carries findings on covered makers: 1 confirmed.
>>> [entry] = auditor.look_up("00:e0:fc:00:00:01")
>>> entry.block, entry.registrant, entry.maker
('00E0FC/24 MA-L', 'HUAWEI TECHNOLOGIES CO.,LTD', 'huawei')

`auditor.scan(["10.0.0.0/24"])` reads devices now, within the scope and with the credentials that auditor.toml names.
Wrong input is an `auditor.errors.AuditorError`; a device that fails is an `Unread` among the records.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from auditor.version import VERSION

if TYPE_CHECKING:
    from datetime import date
    from os import PathLike

    from auditor.model import Audit
    from auditor.rules.oui_lookup import MacEntry
    from auditor.run.person import Person
    from auditor.run.recorded import Recording
    from auditor.run.request import ScanRequest

__version__ = VERSION


def scan(
    targets: Iterable[str],
    *,
    config: str = "",
    journal: str = "",
    request: "ScanRequest | None" = None,
    person: "Person | None" = None,
) -> "Recording":
    """Read devices now: subnets, ranges, hosts, addresses; `request` says in which ways.

    Nothing is written to a device.
    """
    from dataclasses import replace

    from auditor.run.options import Judging
    from auditor.run.person import Absent
    from auditor.run.request import ScanRequest
    from auditor.run.scan import read

    asked = replace(request or ScanRequest(), targets=tuple(targets))
    return read(asked, Judging(config=config, journal=journal, store="none"), person or Absent())


def read_files(
    paths: "Iterable[str | PathLike[str]]", *, kind: str = "auto", site: str = "", journal: str = ""
) -> "Recording":
    """Read files and folders that others recorded; `kind` is as in `auditor import --type`."""
    from auditor.run.files import read
    from auditor.run.options import Judging
    from auditor.run.person import Absent

    return read([str(path) for path in paths], kind, Judging(site=site, journal=journal, store="none"), Absent())


def recorded(name: str = "last", *, store: str = "") -> "Recording":
    """Return a journal by its path, or by the id or number of its stored run, or `last`."""
    from auditor.run.recorded import recorded

    return recorded(name, store)


def audit(
    reading: "Recording",
    *,
    policies: Sequence[str] = (),
    as_of: "date | None" = None,
    rules: Sequence[str] = (),
    config: str = "",
) -> "Audit":
    """Judge what was read by the rules and the laws of a day (default: today).

    `policies` are ids as in `auditor policies list`, all by default.
    """
    from datetime import datetime, time

    from auditor.run.conclude import conclude
    from auditor.run.options import Judging

    day = None if as_of is None else datetime.combine(as_of, time())
    judging = Judging(policy=tuple(policies), as_of=day, rules=tuple(rules), config=config)
    return conclude(reading, judging, stored=False).audit


def render(audit: "Audit", style: str = "text") -> bytes:
    """Return a report in a format of `auditor report -f`."""
    from auditor.errors import UsageError
    from auditor.report.base import Options
    from auditor.report.registry import FORMATS
    from auditor.report.registry import render as rendered
    from auditor.run.knowledge import knowledge

    if style not in FORMATS:
        raise UsageError(f"'{style}' is no format; known: {', '.join(FORMATS)}", where="style")
    return rendered(audit, style, Options(names=knowledge().names()))


def look_up(*macs: str) -> "tuple[MacEntry, ...]":
    """Return what the newest registry says of MACs, and which maker the rules take for it."""
    from auditor.run.rules import look_up

    return look_up(macs)
