"""Words and configuration → spans of targets: in scope, not excluded, with credentials.

    selection = select(["10.0.0.0/24", "core-1"], config, site="hq")
    selection.count             addresses
    selection.spans             for a sweep: numbers, no objects
    for target in selection:    one `Target` at a time

Nothing is contacted but the resolver, and that only for host names. Lines of a target file may carry `site=`,
`driver=`,
`credential=` and ports: `10.0.0.1 site=hq driver=cisco_ios ssh=8022`.
"""

import socket
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from auditor import ownership
from auditor.errors import AuditorError, ProblemsError, UsageError
from auditor.model import Span, Target
from auditor.parse.services import service_table
from auditor.targets import bind
from auditor.targets.config import PORTS, Config
from auditor.targets.scope import MANY, Exclusion, ScopeGuard, allow_list, guard
from auditor.targets.spans import BLOCK, Interval, Resolve, common, edges, hole, merge, minus, parse, sample_of, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a person asks beside the words: site, credentials, collectors, exclusions, ports.

    `sample` is how many addresses of each /24 of a wide range are looked at; zero: all.
    """

    site: str = ""
    credentials: tuple[str, ...] = ()
    collectors: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    allow_file: str = ""
    public: bool = False
    ports: tuple[tuple[str, int], ...] = ()
    sample: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Every address that will be contacted, once per site, and the guard asked of any other."""

    spans: tuple[Span, ...]
    scope: ScopeGuard = field(default_factory=ScopeGuard)

    def __iter__(self) -> Iterator[Target]:
        for span in self.spans:
            yield from span.targets()

    @property
    def count(self) -> int:
        """Return how many addresses there are."""
        return sum(span.size for span in self.spans)

    @property
    def needs_confirmation(self) -> bool:
        """Tell whether there are more addresses than anybody types by accident."""
        return self.count > MANY

    @property
    def sites(self) -> tuple[str, ...]:
        """Return the sites, sorted."""
        return tuple(sorted({span.like.site for span in self.spans}))


def lines(text: str) -> list[str]:
    """Return the target lines of a file or of stdin: one target a line, `#` begins a remark."""
    return [word for line in text.splitlines() if (word := line.partition("#")[0].strip())]


def exclusion_words(path: Path) -> list[str]:
    """Return what a file excludes, apart by blanks or lines, as nmap takes it."""
    try:
        return [word for line in lines(path.read_text(encoding="utf-8-sig")) for word in line.split()]
    except (OSError, UnicodeDecodeError) as exc:
        why = getattr(exc, "strerror", None) or "not UTF-8"
        raise UsageError(f"cannot be read: {why}", where=f"--exclude-file {path}") from None


def resolve(name: str) -> tuple[str, ...]:
    """Return the addresses of a host name, IPv4 first, empty where it has none."""
    try:
        answers = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return ()
    rows = sorted(answers, key=lambda row: row[0] != socket.AF_INET)
    return tuple(dict.fromkeys(str(row[4][0]).partition("%")[0] for row in rows))


def select(
    words: Iterable[str], config: Config, request: Request | None = None, *, resolver: Resolve = resolve
) -> Selection:
    """Return what will be contacted; every wrong or forbidden word is told before a packet goes."""
    request = request or Request()
    _check_names(request, config)
    pairs: list[tuple[Interval, Target]] = []
    problems: list[AuditorError] = []
    for word in words or _site_words(config, request):
        try:
            pairs += _line(word, config, request, resolver)
        except ProblemsError as exc:
            problems += exc.problems
        except AuditorError as exc:
            problems.append(exc)
    if problems:
        raise ProblemsError(problems)
    public = _allow_list(config, request)
    guard([item for item, _ in pairs], public, flag=request.public)
    exclusions = tuple(_exclusions(config, request))
    scope = ScopeGuard(exclusions, public if request.public else ())
    return Selection(spans=tuple(_spans(pairs, config, exclusions, request.sample)), scope=scope)


def is_port(word: str) -> bool:
    """Tell whether a word is the number of a port."""
    return word.isdecimal() and 0 < int(word[:6]) < PORTS


def _check_names(request: Request, config: Config) -> None:
    if request.site and config.sites and request.site not in config.sites:
        raise UsageError(
            f"no site is called this; known: {', '.join(sorted(config.sites))}", where=f"site {request.site}"
        )
    for name in request.credentials:
        if name not in config.credentials:
            names = ", ".join(sorted(config.credentials)) or "none"
            raise UsageError(f"no credential is called this; known: {names}", where=f"credential {name}")


def _site_words(config: Config, request: Request) -> Sequence[str]:
    sites = [config.sites[request.site]] if request.site in config.sites else config.sites.values()
    words = [word for site in sites for word in site.subnets]
    if not words:
        raise UsageError("nothing to contact; name a target, or a site with subnets in auditor.toml")
    return words


def _line(line: str, config: Config, request: Request, resolver: Resolve) -> list[tuple[Interval, Target]]:
    word, *pairs = line.split()
    like = Target(
        address="",
        site=request.site,
        collectors=request.collectors,
        credentials=request.credentials,
        ports=request.ports,
    )
    for pair in pairs:
        like = _with(like, pair, config, line)
    return [(item, like) for item in parse(word, resolver)]


def _with(like: Target, pair: str, config: Config, line: str) -> Target:
    key, mark, value = pair.partition("=")
    if mark and value and key == "site":
        return replace(like, site=value)
    if mark and value and key == "driver":
        return replace(like, driver=value)
    if mark and key == "credential" and value in config.credentials:
        return replace(like, credentials=(*like.credentials, value))
    if key in service_table().names and is_port(value):
        return replace(like, ports=tuple(sorted({**dict(like.ports), key: int(value)}.items())))
    raise UsageError(
        f"'{pair}' is not site=, driver=, a known credential=, or a port such as ssh=22",
        where=f"target {line.split(maxsplit=1)[0]}",
    )


def _allow_list(config: Config, request: Request) -> tuple[Interval, ...]:
    name = request.allow_file or config.allow_file
    if not name:
        return ()
    try:
        return allow_list(ownership.read(Path(name)).decode("utf-8"), name)
    except (OSError, UnicodeDecodeError):
        raise UsageError("the allow-list cannot be read", where=name) from None


def _spans(
    pairs: Sequence[tuple[Interval, Target]], config: Config, exclusions: Sequence[Exclusion], sample: int
) -> Iterator[Span]:
    """Yield what is left of the words; a host stays a host, whatever is cut out around it."""
    order: dict[Target, int] = {}
    groups: dict[tuple[Target, int], list[Interval]] = {}
    for item, like in pairs:
        order.setdefault(like, len(order))
        groups.setdefault((like, item.size), []).append(item)
    past: dict[str, list[Interval]] = {}
    out: list[tuple[int, Span]] = []
    # What was named most closely comes first: a host stays a host where its subnet is named too.
    for (like, size), items in sorted(groups.items(), key=lambda pair: pair[0][1]):
        for site, parts in _by_site(merge(items), like, config):
            holes = [hole.addresses for hole in exclusions if hole.site in {"", site}]
            fresh = minus(parts, [*holes, *past.get(site, [])])
            past[site] = merge([*past.get(site, []), *fresh])
            for piece in sample_of(fresh, sample if size > BLOCK else 0):
                out += [(order[like], one) for one in bind.spans(piece, replace(like, site=site), config, size)]
    return iter(
        one for _, one in sorted(out, key=lambda pair: (pair[0], pair[1].like.site, pair[1].version, pair[1].first))
    )


def _exclusions(config: Config, request: Request) -> Iterator[Exclusion]:
    for word in (*config.exclude, *request.exclude):
        try:
            yield Exclusion(hole(word), f"exclude {word}")
        except ValueError as exc:
            raise UsageError(str(exc), where=f"exclude {word}") from None
    for name, site in config.sites.items():
        for word in site.exclude:
            yield Exclusion(hole(word), f"exclude {word} of site {name}", site=name)
        for word in site.subnets:
            for edge in edges(word):
                yield Exclusion(edge, f"network or broadcast address of {word.strip()}")


def _by_site(items: list[Interval], like: Target, config: Config) -> Iterator[tuple[str, list[Interval]]]:
    """Yield parts of addresses by site: the one asked for, else that of the narrowest subnet."""
    if like.site:
        yield like.site, items
        return
    left = items
    subnets = [(whole(word), name) for name, site in config.sites.items() for word in site.subnets]
    for around, name in sorted(subnets, key=lambda pair: (pair[0].size, pair[1])):
        inside = common(left, [around])
        left = minus(left, inside)
        if inside:
            yield name, inside
    if left:
        yield "", left
