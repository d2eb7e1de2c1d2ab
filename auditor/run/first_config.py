"""A first auditor.toml, from a few answers; what else it could say stands in it as a remark."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from auditor.errors import OutputError, UsageError
from auditor.run.deploy import write_new
from auditor.run.doctor import diagnose
from auditor.run.options import Option
from auditor.run.person import Person
from auditor.targets.config import NAME, parse
from auditor.targets.keys import schema_file

SNMP, SOURCES = ("v3", "v2c", "none"), ("file", "env", "systemd")
# What TOML takes as a key without quotes.
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z", re.ASCII)
SECRET_MODE, PLAIN_MODE = 0o600, 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAnswers:
    """What a first configuration says; what is empty is asked, or takes its default."""

    site: Annotated[str, Option("Name of the first site (default: main).", metavar="NAME")] = ""
    subnet: Annotated[
        tuple[str, ...], Option("Its subnets (repeatable); without one they are for later.", metavar="SUBNET")
    ] = ()
    snmp: Annotated[str, Option("How devices are read over SNMP (default: v3).", metavar="|".join(SNMP))] = ""
    user: Annotated[str, Option("User of SNMPv3 and SSH (default: audit).", metavar="NAME")] = ""
    ssh: Annotated[bool, Option("Read devices over SSH too.")] = False
    secrets: Annotated[str, Option("Where secrets come from (default: file).", metavar="|".join(SOURCES))] = ""
    output: Annotated[str, Option(f"Write there (default: {NAME} here).", short="-o", metavar="FILE")] = NAME


def ask(given: FirstAnswers, person: Person, subnets: Sequence[str] = ()) -> FirstAnswers:
    """Return the answers with what was not given asked of a person; `subnets` are proposed."""
    site = given.site or person.answer("Name of the first site", "main")
    words = "" if given.subnet else person.answer(_SUBNETS, ", ".join(subnets))
    snmp = given.snmp or person.answer(f"SNMP: {', '.join(SNMP)}", "v3")
    ssh = given.ssh or person.answer("SSH too: yes, no", "no").strip().casefold() in {"y", "yes"}
    named = snmp == "v3" or ssh
    return FirstAnswers(
        site=site,
        subnet=given.subnet or tuple(word for part in words.split(",") if (word := part.strip()) not in {"", "-"}),
        snmp=snmp,
        user=given.user or (person.answer("User of SNMPv3 and SSH", "audit") if named else "audit"),
        ssh=ssh,
        secrets=given.secrets or person.answer(f"Where secrets come from: {', '.join(SOURCES)}", "file"),
        output=given.output,
    )


def write_first_config(answers: FirstAnswers) -> list[str]:
    """Write auditor.toml where none is and return what is still to be done, as doctor finds it.

    Nothing is written where the answers make no valid configuration.
    """
    path = Path(answers.output)
    if path.exists() or path.is_symlink():
        raise UsageError("is there already and is not written over; move it, or say --output FILE", where=str(path))
    text = first_config(answers)
    entries = parse(text, str(path)).credentials
    try:
        write_new(path, text, SECRET_MODE if entries else PLAIN_MODE)
    except OSError as exc:
        raise OutputError(f"cannot be written: {exc.strerror}", where=str(path)) from None
    diagnosis = diagnose(str(path), "none", (), "", lambda _text: None)
    return [*diagnosis.faults, *diagnosis.lapses]


def first_config(answers: FirstAnswers) -> str:
    """Return the text of auditor.toml; without a subnet all of it is remarks."""
    for word, key, choices in ((answers.snmp, "snmp", SNMP), (answers.secrets, "secrets", SOURCES)):
        if word not in choices:
            raise UsageError(f"'{word}' is none of {', '.join(choices)}", where=f"--{key}")
    own = [*_site(answers), *_credentials(answers)]
    if not answers.subnet:
        own = [f"# {line}" if line else line for line in own]
    return "\n".join([f"#:schema {schema_file().as_uri()}", *_HEAD, *own, *_TAIL, ""])


def _site(answers: FirstAnswers) -> Iterator[str]:
    names = [name for name, _ in _entries(answers)]
    yield f"[site.{answers.site if _BARE.match(answers.site) else json.dumps(answers.site)}]"
    yield f"subnets = {json.dumps(list(answers.subnet) or ['10.1.0.0/16'])}"
    if names:
        yield f"credentials = {json.dumps(names)}"
    if answers.subnet:
        yield '# exclude = ["10.1.0.9"]            # never contacted'


def _credentials(answers: FirstAnswers) -> Iterator[str]:
    for name, lines in _entries(answers):
        yield from ("", f"[credential.{name}]", *lines)


def _entries(answers: FirstAnswers) -> Iterator[tuple[str, list[str]]]:
    """Yield the credentials, by name: no secret, only where each comes from."""
    user = f"user = {json.dumps(answers.user)}"
    if answers.snmp == "v3":
        auth, priv = _source(answers, "snmp-auth"), _source(answers, "snmp-priv")
        lines = ['auth = "SHA256"', f"auth_secret = {auth}", 'priv = "AES"', f"priv_secret = {priv}"]
        yield "snmp", ['kind = "snmp-v3"', user, *lines]
    elif answers.snmp == "v2c":
        yield "snmp", ['kind = "snmp-v2c"', f"secret = {_source(answers, 'snmp-community')}"]
    if answers.ssh:
        yield "ssh", ['kind = "ssh"', user, f"secret = {_source(answers, 'ssh-password')}"]


def _source(answers: FirstAnswers, name: str) -> str:
    kinds = {"file": f"file:secrets/{name}", "systemd": f"systemd:{name}"}
    return json.dumps(kinds.get(answers.secrets, f"env:{name.upper().replace('-', '_')}"))


_SUBNETS = "Its subnets, separated by commas; - for later"
_HEAD = (
    "# What auditor reads, where and with which credentials; `auditor doctor` checks it.",
    "# A secret never stands here, only where it comes from: file:PATH (mode 0600), env:NAME, systemd:NAME, ask.",
    "",
)
_TAIL = (
    "",
    "# [options.scan]",
    '# fail-on = "confirmed"              # which verdict ends a scan with code 1; "new" where a store is kept',
    '# max-length = "4h"                  # nobody else is asked after that',
    "",
    "# [organisation]                     # who asks: reports speak of the laws that can bind it",
    '# name = "Example Carrier"',
    '# person = "A. Officer"',
    '# country = "US"                     # two letters; state = "TX" where a state has laws of its own',
    '# roles = ["operator"]               # docs/configuration.md lists them',
    "",
    "# [limits]",
    "# packets_per_second = 100           # of the whole scan",
    "",
    "# [schedule]",
    '# window = "22:00-05:00"             # outside it a scan refuses, unless --now',
    "",
    "# [notify]                           # news of what a scan found: docs/unattended.md",
    '# apprise = ["chat"]',
    '# syslog = "/dev/log"',
    "# [credential.chat]",
    '# kind = "notify"',
    '# secret = "systemd:chat"',
)
