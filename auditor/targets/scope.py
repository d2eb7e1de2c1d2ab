"""The scope guard: which addresses may be contacted at all.

Private (RFC 1918), shared (RFC 6598), unique local (RFC 4193) and loopback addresses may be. Anything else needs an allow-list file
and a flag, both. Multicast, link-local and reserved addresses never. Exclusions always win.
"""

from collections.abc import Iterable, Sequence
from ipaddress import ip_network

from auditor.errors import AuditorError, ProblemsError, UsageError
from auditor.targets.spans import Interval, minus, whole

HOME = tuple(
    whole(word)
    for word in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "fc00::/7",
        "::1/128",
    )
)
NEVER = tuple(
    whole(word)
    for word in (
        "0.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/3",
        "::/128",
        "fe80::/10",
        "ff00::/8",
    )
)
MANY = 65_536


def guard(wanted: Sequence[Interval], allowed: Iterable[Interval], *, flag: bool) -> None:
    """Refuse addresses outside the private ranges unless an allow-list names them and the flag is set; all problems at once."""
    problems: list[AuditorError] = [
        UsageError(
            "multicast, link-local and reserved addresses are never contacted; leave them out", where=item.text()
        )
        for item in _inside(wanted, NEVER)
    ]
    outside = minus(minus(wanted, HOME), NEVER)
    unlisted = minus(outside, allowed)
    if unlisted:
        problems += [
            UsageError(
                "outside the private address ranges; name it in an allow-list (--allow-file FILE) and add --public",
                where=item.text(),
            )
            for item in unlisted
        ]
    elif outside and not flag:
        problems += [
            UsageError(
                "is in the allow-list; add --public to confirm that public addresses are meant", where=item.text()
            )
            for item in outside
        ]
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise ProblemsError(problems)


def allow_list(text: str, name: str) -> tuple[Interval, ...]:
    """Return the subnets of an allow-list or exclusion file: one address or subnet a line, `#` begins a remark."""
    out: list[Interval] = []
    problems: list[AuditorError] = []
    for number, line in enumerate(text.splitlines(), 1):
        word = line.partition("#")[0].strip()
        if not word:
            continue
        try:
            ip_network(word, strict=True)
            out.append(whole(word))
        except ValueError as exc:
            problems.append(UsageError(str(exc), where=f"{name}: line {number}"))
    if problems:
        raise ProblemsError(problems)
    return tuple(out)


def _inside(wanted: Sequence[Interval], ranges: Sequence[Interval]) -> list[Interval]:
    return minus(wanted, minus(wanted, ranges))
