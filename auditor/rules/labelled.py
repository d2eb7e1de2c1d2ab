"""Brand and model of one inventory row, read together: many numbers say who built a box only beside the label they are sold under."""

from collections.abc import Iterable, Iterator

from auditor.model import Fact

ITEM = "inventory.item"
_LABEL = "inventory.vendor"
_MODEL = "inventory.model"


def labelled(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield `brand model` for each row that states one of each; rows that state several labels say nothing together."""
    rows: dict[tuple[str, str], dict[str, set[str]]] = {}
    for fact in facts:
        if fact.kind in {_LABEL, _MODEL}:
            rows.setdefault((fact.about, _row(fact.where)), {}).setdefault(fact.kind, set()).add(fact.value.strip())
    for (about, where), said in sorted(rows.items()):
        labels, models = said.get(_LABEL, set()), said.get(_MODEL, set())
        if len(labels) == 1 and len(models) == 1:
            yield Fact(kind=ITEM, value=f"{labels.pop()} {models.pop()}", where=where, about=about)


def _row(where: str) -> str:
    """Return the row a place names; a place without a figure names a column, such as `vendor`, of the one row there is."""
    return where if any(char.isdigit() for char in where) else ""
