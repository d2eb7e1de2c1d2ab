"""Which of those only heard of are one: by management address, or by name on one port."""

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Hashable, Iterator, Mapping, Sequence

from auditor.assets.board import Switchboard
from auditor.assets.boxes import components
from auditor.assets.claims import LINK_KINDS
from auditor.assets.neighbours import Neighbour
from auditor.normal import first_label

Key = tuple[str, str]
# What ARP and forwarding tables say of a MAC; whoever is spoken of in other words is no mere interface.
_ROWS = frozenset({"arp.mac", "fdb.mac", "fdb.port", "fdb.vlan", "fdb.age"})


def join_managed(
    strangers: dict[Key, Neighbour],
    stranger: Callable[[str, str], Neighbour | None],
    macs_at: Mapping[Key, Collection[str]],
    board: Switchboard,
) -> None:
    """Take a silent MAC into the neighbour that announces the address ARP tables have it at.

    A switch announces the MAC of its chassis and answers ARP with that of its management interface. `macs_at` has the
    MACs of ARP tables by site and address, `stranger` returns who was heard of with a MAC.
    """
    managers: dict[Key, list[Neighbour]] = defaultdict(list)
    for one in strangers.values():
        if one.mac and any(item.fact.kind in LINK_KINDS for item in one.statements):
            for at in one.management:
                managers[one.site, at].append(one)
    for (site, at), able in sorted(managers.items(), key=lambda item: item[0]):
        macs = {*macs_at.get((site, at), ())} - {""}
        silent = stranger(site, macs.pop()) if len(macs) == len(able) == 1 else None
        if silent is not None and silent is not able[0] and _is_interface(silent, able[0], board):
            able[0].absorb(silent)
            able[0].interfaces[silent.mac] = at
            del strangers[site, f"mac:{silent.mac}"]


def _is_interface(silent: Neighbour, device: Neighbour, board: Switchboard) -> bool:
    """Tell whether a MAC can be an interface of a neighbour: silent, at no other place."""
    if {item.fact.kind for item in silent.statements} - _ROWS or silent.interfaces:
        return False
    if any(":" not in at and at not in device.management for at in silent.addresses):
        return False
    heard_on = {board.row(one.by, one.fact.value) for one in device.statements if one.fact.kind in LINK_KINDS}
    listeners = {row.by for row in heard_on}
    return all(row in heard_on for row in board.learned(silent.site, (silent.mac,)) if row.by in listeners)


def join_alike(
    strangers: dict[Key, Neighbour], read: Container[Key], spelling: Callable[[str], str]
) -> Mapping[Key, Neighbour]:
    """Take neighbours without a mark into those they are; return under which key each stood.

    `read` holds site and address of what answered. A name that differs joins nothing, nor does a second MAC.
    """
    bare = {key: set(_words(one, read, spelling)) for key, one in strangers.items() if not (one.mac or one.pon)}
    wanted = set().union(*bare.values())
    if not wanted:
        return {}
    words = {key: wanted & set(_words(one, read, spelling)) for key, one in strangers.items() if key not in bare}
    words = {key: own for key, own in (bare | words).items() if own}
    keys = sorted(words)
    homes: dict[Key, Neighbour] = {}
    for group in components([words[key] for key in keys]):
        if len(group) > 1:
            homes |= _joined([keys[index] for index in group], strangers)
    for key in homes:
        del strangers[key]
    return homes


def _joined(group: Sequence[Key], strangers: Mapping[Key, Neighbour]) -> dict[Key, Neighbour]:
    """Join those of one name; of several with a mark none can be chosen."""
    by_name: dict[str, list[Key]] = defaultdict(list)
    for key in group:
        by_name[first_label(strangers[key].name)].append(key)
    nameless = by_name.pop("", [])
    families = list(by_name.values()) or [[]]
    homes: dict[Key, Neighbour] = {}
    for family in families:
        marked = [key for key in family if strangers[key].mac or strangers[key].pon]
        others = [key for key in family if key not in marked]
        if len(families) == 1:
            marked = marked or [key for key in nameless if strangers[key].mac]
            others += [key for key in nameless if not strangers[key].mac]
        if len(marked) <= 1 and others:
            home = strangers[marked[0] if marked else others.pop(0)]
            for key in others:
                homes[key] = home
                home.absorb(strangers[key])
    return homes


def _words(one: Neighbour, read: Container[Key], spelling: Callable[[str], str]) -> Iterator[Hashable]:
    """Yield by what others may speak of the same device: its addresses, its name on a port."""
    yield from (("at", one.site, at) for at in {**one.management, **one.addresses} if (one.site, at) not in read)
    if label := first_label(one.name):
        for item in one.statements:
            if item.fact.kind in LINK_KINDS:
                yield ("port", item.by, spelling(item.fact.value), label)
