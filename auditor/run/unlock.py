"""Secrets before packets: every secret a scan needs is fetched before anybody is contacted."""

from collections.abc import Iterator

from auditor.collect.base import Setup
from auditor.errors import ProblemsError, UsageError
from auditor.model import Credential, Target
from auditor.run.stages import Order, fits
from auditor.targets.select import Selection

# Which stage uses a credential, by the first word of its kind.
USED_IN = {"snmp": "snmp", "ssh": "ssh", "http": "probe"}


def unlock(selection: Selection, setup: Setup, order: Order) -> dict[tuple[str, str], str]:
    """Fetch every secret a scan will use, by name and part.

    All that cannot be had are told at once, and nobody is contacted.
    """
    likes = [span.like for span in selection.spans]
    names = list(dict.fromkeys(name for like in likes for name in _used(like, setup, order)))
    parts = [(name, part) for name in names for part in _parts(setup.credentials[name])]
    secrets: dict[tuple[str, str], str] = {}
    problems: dict[str, UsageError] = {}
    for name, part in parts:
        try:
            secrets[name, part] = setup.secrets.fetch(name, part)
        except UsageError as exc:
            problems[str(exc)] = exc
    if problems:
        lacking = {exc.where.removeprefix("credential ") for exc in problems.values()}
        others = " ".join(f"--credential {name}" for name in names if name not in lacking)
        advice = f"; to read what the other credentials open: {others}" if others else ""
        raise ProblemsError([*problems.values(), UsageError(f"nothing was contacted{advice}")])
    return secrets


def _used(like: Target, setup: Setup, order: Order) -> Iterator[str]:
    """Yield the names of the credentials tried at a target; a sweep tries every community."""
    for name in like.credentials:
        kind = setup.credentials[name].kind if name in setup.credentials else ""
        stage = USED_IN.get(kind.partition("-")[0], "")
        swept = order.sweep and kind in {"snmp-v1", "snmp-v2c"}
        if swept or (stage in order.stages and fits(stage, like, setup)):
            yield name


def _parts(credential: Credential) -> Iterator[str]:
    """Yield the parts of a credential that have to be there, as its kind has them."""
    if credential.kind == "snmp-v3":
        yield from (part for part, protocol in (("auth", credential.auth), ("priv", credential.priv)) if protocol)
    elif credential.kind == "ssh":
        yield from ("passphrase", "password", "enable") if credential.key_file else ("password", "enable")
    else:
        yield "password" if credential.kind == "http" else "community"
