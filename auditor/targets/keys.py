"""Every key of auditor.toml but the options, declared once.

The page on configuration and the JSON Schema that editors read are made of these; what reads the file is
`targets.config`, and a test holds the two together. A table `credential.NAME` has a name that people choose.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.parse.services import service_table
from auditor.targets.config import AUTH, KINDS, LIMITS, PORTS, PRIV
from auditor.targets.source import SCHEMES

Schema = dict[str, Any]
# What is taken for a name that people choose.
NAME = "NAME"
_SCHEMA_NAME = "config.schema.json"


@dataclass(frozen=True, slots=True)
class ValueForm:
    """What a key takes: in words, with their marks, and as JSON Schema (draft 2020-12)."""

    words: str
    schema: Schema


@dataclass(frozen=True, slots=True)
class ConfigKey:
    """One key, `credential.NAME.user`: what it takes, and what it does in a phrase."""

    path: str
    form: ValueForm
    does: str


def _list(words: str) -> ValueForm:
    return ValueForm(words, {"type": "array", "items": {"type": "string"}})


def _number(words: str, least: float = 0, most: float | None = None) -> ValueForm:
    bound = {"exclusiveMinimum": least} if most is None else {"minimum": least, "maximum": most}
    return ValueForm(words, {"type": "number", **bound})


def _choice(*words: str) -> ValueForm:
    return ValueForm(", ".join(f"`{word}`" for word in words), {"enum": list(words)})


def _table(words: str, properties: Mapping[str, Schema]) -> ValueForm:
    return ValueForm(words, {"type": "object", "properties": dict(properties), "additionalProperties": False})


TEXT, PATH = ValueForm("text", {"type": "string"}), ValueForm("path", {"type": "string"})
FLAG = ValueForm("`true` or `false`", {"type": "boolean"})
NAMES, SUBNETS, WORDS = _list("list of names"), _list("list of subnets"), _list("list of words")
ADDRESSES = _list("list of addresses and subnets")
SECONDS, NUMBER, OCTETS = _number("seconds"), _number("number"), _number("octets")
SOURCE = ValueForm("source", {"type": "string", "pattern": f"^(ask$|({'|'.join(SCHEMES)}):.+)"})
_LIMITS = {
    "timeout": (SECONDS, "wait for one reply"),
    "retries": (NUMBER, "ask again so often"),
    "deadline": (SECONDS, "time for one device"),
    "packets_per_second": (NUMBER, "pace of the run, or of the site"),
    "in_flight": (NUMBER, "devices asked at once over SNMP"),
    "sessions": (NUMBER, "SSH sessions at once"),
    "max_rows": (NUMBER, "rows read of one table"),
    "max_output": (OCTETS, "read of one reply over SSH"),
    "max_failed_logins": (NUMBER, "failed logins after which a credential is tried nowhere else"),
    "careful": (FLAG, "as `--careful`"),
}


def keys() -> tuple[ConfigKey, ...]:
    """Return every key in the order of the page."""
    return (
        ConfigKey(
            "defaults.credentials", NAMES, "tried in this order where neither the command line nor the site names any"
        ),
        ConfigKey(
            "defaults.downgrade", FLAG, "communities (SNMPv1, v2c) may be tried where an SNMPv3 credential fits too"
        ),
        *(ConfigKey(f"limits.{name}", *_LIMITS[name]) for name in LIMITS),
        ConfigKey("scope.exclude", ADDRESSES, "never contacted"),
        ConfigKey("scope.allow_file", PATH, "public addresses that may be contacted with `--public`"),
        ConfigKey(
            "evidence.folder",
            PATH,
            "where files attached to devices lie, of a store on a server; one in a file has `evidence/` beside it",
        ),
        ConfigKey(
            "schedule.window",
            ValueForm(
                'text, `"22:00-05:00"`', {"type": "string", "pattern": r"^\s*\d{1,2}:\d{2} ?- ?\d{1,2}:\d{2}\s*$"}
            ),
            "hours in which a scan may run, by the machine's clock; `--now` runs all the same",
        ),
        ConfigKey(
            "notify.apprise",
            NAMES,
            "credentials of kind `notify` whose addresses get news of a scan ([unattended](unattended.md))",
        ),
        ConfigKey(
            "notify.syslog", ValueForm('`"udp://HOST:514"`, path', TEXT.schema), "a syslog that gets them (RFC 5424)"
        ),
        *_credential_keys(),
        *_site_keys(),
        *_organisation_keys(),
    )


def _credential_keys() -> Iterator[ConfigKey]:
    entries = (
        (
            "kind",
            _choice(*KINDS),
            (
                "what the credential opens; those from `notify` on are shown to no device ([the store](store.md),"
                " [inventories](inventories.md))"
            ),
        ),
        ("url", TEXT, "the one server, `https://HOST`, that the token of an inventory goes to"),
        ("ca_file", PATH, "authorities that vouch for that server where the system's do not"),
        ("user", TEXT, "user of SNMPv3, SSH, HTTP, Netdisco"),
        ("auth", _choice(*AUTH), "authentication of SNMPv3"),
        ("priv", _choice(*PRIV), "privacy of SNMPv3"),
        ("context", TEXT, "context of SNMPv3"),
        ("key_file", PATH, "private key of SSH"),
        (
            "secret",
            SOURCE,
            "community, password (of a database too), both secrets of SNMPv3, token, or the address that news go to",
        ),
        ("auth_secret", SOURCE, "secret of the authentication"),
        ("priv_secret", SOURCE, "secret of the privacy"),
        ("enable_secret", SOURCE, "what `enable` asks for"),
        ("key_secret", SOURCE, "passphrase of the key"),
        ("subnets", SUBNETS, "sent nowhere else"),
        ("sites", NAMES, "sent at no other site"),
    )
    return (ConfigKey(f"credential.{NAME}.{name}", form, does) for name, form, does in entries)


def _site_keys() -> Iterator[ConfigKey]:
    services = service_table().names
    port: Schema = {"type": "integer", "minimum": 1, "maximum": PORTS - 1}
    ports = _table("table, `{ snmp = 161, ssh = 22 }`", dict.fromkeys(services, port))
    entries = (
        ("subnets", SUBNETS, "what a scan without targets contacts"),
        ("exclude", ADDRESSES, "never contacted at this site"),
        ("credentials", NAMES, "tried in this order at this site"),
        ("ports", ports, f"other ports, by the names of `oui_rules/services.toml`: {', '.join(services)}"),
        (
            "limits",
            _table("table", {name: form.schema for name, (form, _) in _LIMITS.items()}),
            "limits of this site alone; none is faster than the run",
        ),
        ("downgrade", FLAG, "as `defaults.downgrade`, at this site"),
        ("purposes", WORDS, "which purposes laws ask for the site serves; an empty list: none"),
        ("latitude", _number("degrees", -90, 90), "where the site is; with `longitude`, or neither"),
        ("longitude", _number("degrees", -180, 180), "where the site is; with `latitude`, or neither"),
        ("country", TEXT, "as of the organisation, where the site is elsewhere"),
        ("state", TEXT, "as of the organisation, where the site is elsewhere"),
    )
    return (ConfigKey(f"site.{NAME}.{name}", form, does) for name, form, does in entries)


def _organisation_keys() -> Iterator[ConfigKey]:
    country = ValueForm("two letters of ISO 3166-1, or a name of `oui_rules/vocabulary.toml`", TEXT.schema)
    entries = (
        ("name", TEXT, "who asks"),
        ("person", TEXT, "who answers for what is to be done"),
        ("country", country, "where it sits"),
        ("state", ValueForm("text, `TX` or `US-TX`", TEXT.schema), "the state or province, as ISO 3166-2 writes it"),
        ("roles", WORDS, "who it is before the law; an empty list: nobody of these"),
    )
    return (ConfigKey(f"organisation.{name}", form, does) for name, form, does in entries)


def page_rows() -> str:
    """Return the keys as a table in Markdown."""
    rows = [f"| `{key.path}` | {key.form.words} | {key.does} |" for key in keys()]
    return "\n".join(["| Key | Value | What it does |", "| --- | --- | --- |", *rows]) + "\n"


def tables_schema() -> Schema:
    """Return the JSON Schema of each top table of auditor.toml but `[options]`."""
    top: Schema = {}
    for key in keys():
        table, *middle, name = key.path.split(".")
        named = top.setdefault(table, {"type": "object"})
        owner = named.setdefault("additionalProperties", {"type": "object"}) if middle else named
        owner.setdefault("additionalProperties", False)
        words = key.does.replace("`", "")
        owner.setdefault("properties", {})[name] = {"description": words, **key.form.schema}
    top["credential"]["additionalProperties"]["required"] = ["kind"]
    return top


def schema_file() -> Path:
    """Return the JSON Schema installed with the program, else the one in the source tree."""
    inside = Path(__file__).with_name(_SCHEMA_NAME)
    return inside if inside.is_file() else Path(__file__).parents[2] / "docs" / "schemas" / _SCHEMA_NAME
