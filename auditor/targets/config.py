"""`auditor.toml`: credentials by name, sites, limits, options. An unknown key is a mistake.

docs/configuration.md says what each key does.
A path is taken from the folder of the file that names it, as is one in `file:PATH`.
A secret never stands in the file, only where it comes from (`targets.source`).
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from auditor import ownership
from auditor.errors import UsageError
from auditor.model import Credential, Limits
from auditor.parse.services import service_table
from auditor.tables import Section, finish, read_toml
from auditor.targets.notify import Notify, read_notify
from auditor.targets.schedule import Window, window
from auditor.targets.source import PARTS, SecretSource, source
from auditor.targets.spans import hole, whole

NAME = "auditor.toml"
# Kinds that no device is ever shown, and what each is for.
INVENTORIES = ("netbox", "librenms", "netdisco")
ALONE = {"notify": "news", "store": "a store", **dict.fromkeys(INVENTORIES, "an inventory")}
KINDS = ("snmp-v1", "snmp-v2c", "snmp-v3", "ssh", "http", *ALONE)
AUTH = ("MD5", "SHA", "SHA224", "SHA256", "SHA384", "SHA512")
PRIV = ("DES", "AES", "AES192", "AES256", "AES192C", "AES256C")
LIMITS: dict[str, Any] = {entry.name: entry.type for entry in fields(Limits)}
PORTS = 65_536
NOT_HERE = (
    "is not taken from a file in the working folder, which would vouch for itself; say --trust FOLDER, set"
    " AUDITOR_TRUST,"
    " or put it into auditor.toml below $XDG_CONFIG_HOME/auditor"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialEntry:
    """One credential: its public side, where its secrets come from, where it may be used.

    Without `subnets` and `sites` it may be used everywhere the scope guard allows. A token of an inventory belongs to
    the server at `url`, whose certificate the authorities in `ca_file` vouch for where the system's do not.
    """

    public: Credential
    sources: Mapping[str, SecretSource]
    subnets: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    url: str = ""
    ca_file: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One place with its subnets, the credentials tried there in order, its ports and limits.

    `purposes` says which purposes of the laws it serves (None where nobody said, empty where none); `place` is its
    latitude and longitude in degrees; `country` and `state` are as people write them.
    """

    name: str
    subnets: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    credentials: tuple[str, ...] = ()
    ports: tuple[tuple[str, int], ...] = ()
    limits: Mapping[str, Any] = field(default_factory=dict)
    downgrade: bool = False
    purposes: tuple[str, ...] | None = None
    place: tuple[float, float] | None = None
    country: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationTable:
    """What `[organisation]` says, in the words of the file; `roles` is None where it names none."""

    name: str
    person: str
    country: str
    state: str
    roles: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionTable:
    """What one file says under `[options]`, as it stands there, and the file."""

    path: Path
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Every configuration file together.

    `options` are for the command line, the nearest file first; `limits` fit `Limits`.

    `downgrade` is None where no file says it; `trust` names folders a person vouches for; `window` is when a scan may
    run; `evidence` is the folder of evidence files of a store on a server.
    """

    credentials: Mapping[str, CredentialEntry] = field(default_factory=dict)
    sites: Mapping[str, Site] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    downgrade: bool | None = None
    limits: Mapping[str, Any] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    allow_file: str = ""
    evidence: str = ""
    options: tuple[OptionTable, ...] = ()
    trust: tuple[str, ...] = ()
    window: Window | None = None
    notify: Notify = field(default_factory=Notify)
    organisation: OrganisationTable | None = None
    paths: tuple[Path, ...] = ()

    @property
    def devices(self) -> tuple[str, ...]:
        """Return the names of the credentials that devices are ever shown."""
        return tuple(name for name, entry in self.credentials.items() if entry.public.kind not in ALONE)

    def public(self) -> dict[str, Credential]:
        """Return what may be known of each credential, by name."""
        return {name: entry.public for name, entry in self.credentials.items()}


def find(folder: Path, environ: Mapping[str, str]) -> list[Path]:
    """Return the files that exist, nearest first: folder, `$XDG_CONFIG_HOME`, `/etc/auditor`."""
    home = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME", "/nonexistent")) / ".config")
    places = (folder, Path(home) / "auditor", Path("/etc/auditor"))
    return [place / NAME for place in places if (place / NAME).is_file()]


def load(paths: Iterable[Path]) -> Config:
    """Return the configuration of several files; the nearer wins, by credential and by site."""
    config = Config()
    for path in reversed(list(paths)):
        with ownership.trust(config.trust):
            near = parse(_read(path), str(path))
        if near.trust and path.parent.resolve() == Path.cwd():
            raise UsageError(NOT_HERE, where=f"{path}: options.trust")
        config = _over(near, config, path)
    _check_names(config)
    return config


def beside(text: str, folder: Path) -> str:
    """Return a path as a file in `folder` means it, unless it is absolute or in a home."""
    here = folder.resolve() == Path.cwd() or text.startswith("~") or not text
    return text if here else os.path.join(folder, text)  # noqa: PTH118 - keeps the slash at the end that means a folder


def parse(text: str, name: str) -> Config:
    """Return one file's configuration; every problem in it is raised at once. No secret is read."""
    top, folder = read_toml(text, name, error=UsageError), Path(name).parent
    defaults, scope, options = top.section("defaults"), top.section("scope"), top.section("options")
    evidence = top.section("evidence")
    config = Config(
        credentials={key: _entry(section, key, folder) for key, section in _subsections(top, "credential")},
        sites={key: _site(section, key) for key, section in _subsections(top, "site")},
        order=defaults.texts("credentials"),
        downgrade=defaults.flag("downgrade") if "downgrade" in defaults.values else None,
        limits=_limits(top.section("limits")),
        exclude=_subnets(scope, "exclude"),
        allow_file=beside(scope.text("allow_file", ""), folder),
        evidence=beside(evidence.text("folder", ""), folder),
        trust=tuple(beside(word, folder) for word in options.texts("trust")),
        window=_window(top.section("schedule")),
        notify=read_notify(top.section("notify")),
        organisation=_organisation(top.section("organisation")),
        options=(OptionTable(path=Path(name), values=options.rest()),),
    )
    defaults.keys_read.add("downgrade")
    for section in (defaults, scope, evidence, top):
        section.close()
    finish(top)
    return config


def _read(path: Path) -> str:
    try:
        return ownership.read(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "is not UTF-8 text"
        raise UsageError(f"cannot be read: {reason}", where=str(path)) from None


def _over(near: Config, far: Config, path: Path) -> Config:
    return Config(
        credentials={**far.credentials, **near.credentials},
        sites={**far.sites, **near.sites},
        order=near.order or far.order,
        downgrade=far.downgrade if near.downgrade is None else near.downgrade,
        limits={**far.limits, **near.limits},
        # An exclusion is a promise to somebody; no nearer file takes it back.
        exclude=(*near.exclude, *far.exclude),
        allow_file=near.allow_file or far.allow_file,
        evidence=near.evidence or far.evidence,
        options=(*near.options, *far.options),
        trust=(*near.trust, *far.trust),
        window=near.window or far.window,
        notify=Notify(
            apprise=near.notify.apprise or far.notify.apprise, syslog=near.notify.syslog or far.notify.syslog
        ),
        organisation=near.organisation or far.organisation,
        paths=(path, *far.paths),
    )


def _check_names(config: Config) -> None:
    lists = [("defaults.credentials", config.order), ("notify.apprise", config.notify.apprise)]
    lists += [(f"site.{name}.credentials", site.credentials) for name, site in config.sites.items()]
    for where, names in lists:
        for name in names:
            if name not in config.credentials:
                choices = ", ".join(sorted(config.credentials)) or "none"
                raise UsageError(f"no credential is called '{name}'; known: {choices}", where=where)
            kind = config.credentials[name].public.kind
            if kind != "notify" if where == "notify.apprise" else kind in ALONE:
                word = kind if kind in ALONE else "notify"
                raise UsageError(
                    f"credential '{name}' is of another kind: '{word}' is for {ALONE[word]} alone", where=where
                )
    for name, entry in config.credentials.items():
        for site in entry.sites:
            if site not in config.sites:
                raise UsageError(f"no site is called '{site}'", where=f"credential.{name}.sites")


def _subsections(top: Section, key: str) -> Sequence[tuple[str, Section]]:
    group = top.section(key)
    return [(name, group.section(name)) for name in group.values]


def _entry(section: Section, name: str, folder: Path) -> CredentialEntry:
    entry = CredentialEntry(
        public=Credential(
            name=name,
            kind=section.choice("kind", KINDS),
            user=section.text("user", ""),
            auth=section.choice("auth", AUTH, ""),
            priv=section.choice("priv", PRIV, ""),
            context=section.text("context", ""),
            key_file=beside(section.text("key_file", ""), folder),
        ),
        sources=_sources(section, folder),
        subnets=_subnets(section, "subnets"),
        sites=section.texts("sites"),
        url=section.text("url", ""),
        ca_file=beside(section.text("ca_file", ""), folder),
    )
    _check_entry(section, entry)
    section.close()
    return entry


def _sources(section: Section, folder: Path) -> dict[str, SecretSource]:
    sources = {}
    for key in dict.fromkeys(PARTS.values()):
        section.keys_read.add(key)
        if key not in section.values:
            continue
        try:
            one = source(section.values[key])
            sources[key] = replace(one, rest=beside(one.rest, folder)) if one.scheme == "file" else one
        except ValueError as exc:
            # The message never quotes the value: it may be a secret somebody wrote where its name belongs.
            section.complain(str(exc), key)
    return sources


def _check_entry(section: Section, entry: CredentialEntry) -> None:
    public, sources = entry.public, entry.sources
    if public.kind in {"snmp-v1", "snmp-v2c"} and "secret" not in sources and not section.problems:
        section.complain(
            "'secret' is missing; say where the community comes from, e.g. \"env:SNMP_COMMUNITY\"", "secret"
        )
    if public.kind in ALONE and "secret" not in sources and not section.problems:
        what = {"notify": "address", "store": "password", "netdisco": "password"}.get(public.kind, "token")
        section.complain(f"'secret' is missing; say where the {what} comes from, e.g. \"systemd:NAME\"", "secret")
    if public.kind in ALONE and (entry.subnets or entry.sites):
        section.complain(
            "'subnets' and 'sites' are for credentials of devices", "subnets" if entry.subnets else "sites"
        )
    if (public.kind in INVENTORIES) != bool(entry.url):
        section.complain("'url' is missing" if not entry.url else "'url' is for inventories", "url")
    if public.kind in {"snmp-v3", "ssh", "netdisco"} and not public.user:
        section.complain("'user' is missing", "user")
    if public.priv and not public.auth:
        section.complain("privacy needs authentication; add 'auth' (RFC 3414)", "priv")
    for word, key in ((public.auth, "auth_secret"), (public.priv, "priv_secret")):
        if word and key not in sources and "secret" not in sources:
            section.complain(f"'{key}' is missing; say where it comes from, e.g. \"env:NAME\"", key)


def _site(section: Section, name: str) -> Site:
    site = Site(
        name=name,
        subnets=_subnets(section, "subnets"),
        exclude=_subnets(section, "exclude"),
        credentials=section.texts("credentials"),
        ports=_ports(section.section("ports")),
        limits=_limits(section.section("limits")),
        downgrade=section.flag("downgrade"),
        purposes=section.texts("purposes") if "purposes" in section.values else None,
        place=_place(section),
        country=section.text("country", ""),
        state=section.text("state", ""),
    )
    section.keys_read.add("purposes")
    section.close()
    return site


def _organisation(section: Section) -> OrganisationTable | None:
    """Return who asks; None where the file says nothing of it."""
    words = {key: section.text(key, "") for key in ("name", "person", "country", "state")}
    table = OrganisationTable(**words, roles=section.texts("roles") if "roles" in section.values else None)
    section.keys_read.add("roles")
    section.close()
    return table if section.values else None


def _place(section: Section) -> tuple[float, float] | None:
    """Return latitude and longitude in degrees, both or neither."""
    degrees = []
    for key, most in (("latitude", 90), ("longitude", 180)):
        section.keys_read.add(key)
        value = section.values.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= most:
            degrees.append(float(value))
        elif value is not None:
            section.complain(f"must be a number of degrees, at most {most} either way", key)
    if len(degrees) == 1:
        section.complain("latitude and longitude go together", "latitude")
    return (degrees[0], degrees[1]) if len(degrees) > 1 else None


def _ports(section: Section) -> tuple[tuple[str, int], ...]:
    ports = []
    names = service_table().names
    for name in section.values:
        number = section.number(name, 0)
        if name not in names:
            section.complain(f"not one of {', '.join(names)}", name)
        elif not 0 < number < PORTS:
            section.complain("is no port, 1 to 65535", name)
        else:
            ports.append((name, number))
    return tuple(sorted(ports))


def _window(section: Section) -> Window | None:
    """Return the hours in which a scan may run, where any are set."""
    text = section.text("window", "")
    section.close()
    try:
        return window(text) if text else None
    except ValueError as exc:
        section.complain(str(exc), "window")
        return None


def _limits(section: Section) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    for key, value in section.rest().items():
        kind = LIMITS.get(key)
        if kind is None:
            section.complain(f"unknown key; known here: {', '.join(LIMITS)}", key)
        elif kind is bool and isinstance(value, bool):
            limits[key] = value
        elif kind is not bool and isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            limits[key] = kind(value)
        else:
            section.complain("must be true or false" if kind is bool else "must be a number above 0", key)
    return limits


def _subnets(section: Section, key: str) -> tuple[str, ...]:
    words = section.texts(key)
    for index, word in enumerate(words):
        try:
            (hole if key == "exclude" else whole)(word)
        except ValueError as exc:
            section.complain(str(exc), f"{key}[{index + 1}]")
            return ()
    return words
