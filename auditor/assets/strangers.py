"""Which of those only heard of are one: by management address, or by name on one port."""

from collections import defaultdict
from collections.abc import Callable, Container, Hashable, Iterator, Mapping, Sequence

from auditor.assets.boxes import components
from auditor.assets.claims import LINK_KINDS
from auditor.assets.identity import first_label
from auditor.assets.neighbours import Neighbour

Key = tuple[str, str]


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
