"""Brand and model of one inventory row, read together: many a number needs its label."""

import re
from collections.abc import Iterable, Iterator

from auditor.model import About, Fact, Kind

ITEM: Kind = "inventory.item"
VENDOR: Kind = "inventory.vendor"
MODEL: Kind = "inventory.model"
LABEL_KINDS = frozenset({ITEM, VENDOR, MODEL})
_WORD = re.compile(r"[^\W_]+")


def labelled(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield `brand model` for each row that states exactly one of each."""
    rows: dict[tuple[About, str], dict[str, set[str]]] = {}
    for fact in facts:
        if fact.kind in {VENDOR, MODEL}:
            rows.setdefault((fact.about, row_of(fact.where)), {}).setdefault(fact.kind, set()).add(fact.value.strip())
    for (about, where), columns in sorted(rows.items()):
        labels, models = columns.get(VENDOR, set()), columns.get(MODEL, set())
        if len(labels) == 1 and len(models) == 1:
            yield Fact(kind=ITEM, value=f"{labels.pop()} {models.pop()}", where=where, about=about)


def spells(vendor: str, registrant: str) -> bool:
    """Tell whether a vendor is a registrant's name as a registry spells it, no plain brand.

    `Huawei Technologies` (nmap), `HuaweiTe` (Wireshark) and the full name are looked up by MAC; `Huawei` is what a
    person writes.
    """
    mine, theirs = (_WORD.findall(text.casefold()) for text in (vendor, registrant))
    short, full = "".join(mine), "".join(theirs)
    return bool(short) and full.startswith(short) and (short == full or short != theirs[0])


def row_of(where: str) -> str:
    """Return the row a place names; one without a figure is a column of the only row."""
    return where if any(char.isdigit() for char in where) else ""
