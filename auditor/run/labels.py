"""MACs by the million to registrant, maker, tier and kind, as CSV, in bounded memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from auditor import normal
from auditor.errors import UsageError
from auditor.imports.macs import found
from auditor.imports.source import SourceFile
from auditor.run.files import AUTO, walk
from auditor.run.home import now
from auditor.run.knowledge import knowledge
from auditor.run.person import Person

if TYPE_CHECKING:
    from auditor.rules.macs import Classifier

SHOWN = 80
HEADER = b"mac,registrant,maker,tier,kind,said_by\r\n"
_KINDS = 64  # room for the kinds of address beside the number of a registrant
_MALFORMED = "malformed"


def label(paths: Sequence[str], sort: str, out: IO[bytes], rules: Sequence[str], person: Person) -> "Labels":
    """Write one row a line of the files, in their order; return the counts."""
    from auditor.rules.macs import Classifier, owners

    if sort not in {AUTO, "macs"}:
        raise UsageError(f"looks up MACs; it goes with --type macs, not with {sort}", where="--labels")
    files = [file for path in paths for file in walk(Path(path), person.say)]
    basis = knowledge(rules)
    labels = Labels(Classifier(basis.registry, owners(basis.book)))
    out.write(HEADER)
    for file in files:
        for block in SourceFile(path=file, site="", at=now(), warn=person.say).blocks():
            out.write(labels.rows(block))
    return labels


@dataclass(slots=True)
class Labels:
    """Turns blocks of lines into rows of CSV; what follows the MAC is spelled once per kind."""

    classifier: "Classifier"
    lines: int = 0
    without_mac: int = 0
    tiers: dict[str, int] = field(default_factory=dict)
    tails: dict[int, bytes] = field(default_factory=dict)

    def rows(self, block: bytes) -> bytes:
        """Return the rows of one block of whole lines; in a longer line the MAC is looked for."""
        texts = _texts(block)
        frame = self.classifier.classify(texts)
        wrong = (frame["kind"] == _MALFORMED).to_numpy().nonzero()[0].tolist()
        if wrong:
            macs = {at: mac for at in wrong if (mac := found(texts[at]))}
            for at in wrong:
                texts[at] = macs.get(at) or _inert(texts[at])
            if macs:
                frame = self.classifier.classify([macs.get(at, text) for at, text in enumerate(texts)])
        return self._spell(texts, frame)

    def counts(self) -> str:
        """Return the counts in words."""
        counts = ", ".join(f"{count} of {tier} makers" for tier, count in sorted(self.tiers.items()) if tier and count)
        return f"{counts or 'none of a known maker'}, {self.without_mac} without a MAC"

    def _spell(self, texts: list[str], frame: Any) -> bytes:
        keys = frame["registrant"].cat.codes.astype("int64") * _KINDS + frame["kind"].cat.codes
        for position in keys.drop_duplicates().index:
            self.tails.setdefault(int(keys[position]), _tail(frame.iloc[position]))
        self.lines += len(texts)
        self.without_mac += int((frame["kind"] == _MALFORMED).sum())
        for tier, count in frame["tier"].value_counts().items():
            self.tiers[str(tier)] = self.tiers.get(str(tier), 0) + int(count)
        tails = self.tails
        return b"".join([text.encode() + tails[key] for text, key in zip(texts, keys.tolist(), strict=True)])


def _tail(row: Any) -> bytes:
    """Return registrant, maker, tier, kind and who says so as the rest of a CSV row (RFC 4180)."""
    name = normal.one_line(str(row["registrant"])).replace('"', '""')
    return f',"{name}",{row["maker"]},{row["tier"]},{row["kind"]},auditor\r\n'.encode()


def _texts(block: bytes) -> list[str]:
    lines = block.decode("utf-8", "replace").split("\n")
    return [text for line in lines if (text := line.strip("\r \t-\ufeff"))]


def _inert(text: str) -> str:
    """Return a line that is no MAC as a cell that no spreadsheet takes for a formula."""
    cell = normal.one_line(text[: SHOWN * 4], SHOWN).replace('"', '""')
    return f'"\'{cell}"' if cell[:1] in "=+-@" else f'"{cell}"'
