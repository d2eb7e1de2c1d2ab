"""Small books of invented rules, for tests of the room that reads them."""

from collections.abc import Mapping
from pathlib import Path

from auditor.rules.book import RuleBook
from auditor.rules.load import load_layers

WORDS = """
[[maker]]
id = "acme"
name = "Acme"
tier = "covered"

[[maker]]
id = "bolt"
name = "Bolt"
tier = "covered"

[[maker]]
id = "eyes"
name = "Eyes"
tier = "watch"

[[maker]]
id = "other"
name = "Other"
tier = "other"

[[category]]
id = "network"
name = "Network equipment"
broad = true

[[category]]
id = "switch"
name = "Switch"

[fact]
"snmp.sysdescr" = { witness = "snmp-system", decides = true }
"snmp.sysobjectid" = { witness = "snmp-system-id", decides = true }
"snmp.enterprise" = { witness = "snmp-enterprise", decides = false }
"snmp.engineid" = { witness = "snmp-engine", decides = false }
"snmp.value" = { witness = "snmp-value", decides = false }
"snmp.sysname" = { witness = "free-text", decides = false }
"entity.mfg" = { witness = "entity", decides = false }
"entity.descr" = { witness = "entity", decides = false }
"entity.class" = { witness = "entity", decides = false }
"if.mac" = { witness = "mac", decides = true }
"fdb.mac" = { witness = "mac", decides = true }
"arp.mac" = { witness = "mac", decides = true }
"lldp.sysdescr" = { witness = "lldp", decides = true }
"inventory.model" = { witness = "inventory", decides = true }
"ssh.banner" = { witness = "ssh", decides = false }
"cli.output" = { witness = "cli", decides = true, whole = true }
"""

GENERIC = """
[[generic]]
id = "linux"
fact = "snmp.sysdescr"
regex = "^Linux( |$)"
because = "The name of a general system fits many makers."
source = "https://example.net/linux"
examples = ["Linux box 6.1"]

[[elsewhere]]
id = "another"
fact = "snmp.sysobjectid"
regex = '^1\\.3\\.6\\.1\\.4\\.1\\.[1-9]'
because = "The device names itself under a number of somebody else."
source = "https://example.net/number"
examples = ["1.3.6.1.4.1.7"]

[[generic]]
id = "agent"
fact = "snmp.sysobjectid"
regex = '^1\\.3\\.6\\.1\\.4\\.1\\.8072'
because = "This agent runs everywhere."
source = "https://example.net/agent"
examples = ["1.3.6.1.4.1.8072"]

[[component]]
id = "optics"
fact = "entity.descr"
regex = '(?i)\\bsfp\\b'
because = "Pluggable optics are bought apart from the device."
source = "https://example.net/sfp"
examples = ["SFP in port 1"]
"""

RULE = """
[[rule]]
id = "os"
fact = "snmp.sysdescr"
regex = '\\bAcmeOS (?P<os>[\\d.]+) on (?P<model>A\\d+)\\b'
category = "network"
strength = "proof"
because = "AcmeOS is the system that Acme writes for its own switches."
source = "https://example.net/acme"
never = ["BoltOS 1.0 on A100"]

[[rule.example]]
value = "AcmeOS 5.2 on A100"
os = "5.2"
model = "A100"
"""

REGISTERED = {"000e00": "Acme Ltd", "000b00": "Bolt AG", "00ff00": "Nobody in particular"}


class Registered:
    """A registry of three prefixes."""

    def registrant(self, mac12: str) -> str:
        """Return who holds the first three octets."""
        return REGISTERED.get(mac12[:6], "")

    def kind(self, mac12: str) -> str:
        """Return `local` where the local bit is set."""
        return "local" if int(mac12[:2], 16) & 2 else "universal"


def rule(**changes: str | None) -> str:
    """Return the one good rule as TOML, some lines replaced by key, or dropped where None."""
    lines = RULE.strip().splitlines()
    for key, value in changes.items():
        at = next((n for n, line in enumerate(lines) if line.startswith(f"{key} = ")), None)
        new = [] if value is None else [f"{key} = {value}"]
        lines[at if at is not None else 2 : at + 1 if at is not None else 2] = new
    return "\n".join(lines) + "\n"


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write files below a folder and return it."""
    for name, text in {"vocabulary.toml": WORDS, "generic.toml": GENERIC, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def book_of(folder: Path, files: Mapping[str, str]) -> RuleBook:
    """Return the book made of these files and the small vocabulary."""
    return load_layers([write(folder, files)])


def acme(*rules: str, registrants: str = '["Acme Ltd"]') -> dict[str, str]:
    """Return makers/acme.toml with the given rules."""
    return {"makers/acme.toml": f'name = "Acme"\nregistrants = {registrants}\n' + "\n".join(rules)}
