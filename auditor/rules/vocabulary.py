"""The closed lists: makers, categories, kinds of facts, and the words of laws."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from auditor.model import Tier
from auditor.tables import Section, finish, read_toml

FREE_TEXT = "free-text"
MAC = "mac"
# Which table holds the words of a key of a policy; `laws` is by table.
LAWS = {"duty": "duty", "purposes": "purpose", "evidence_class": "evidence", "jurisdiction": "place", "roles": "role"}
SPEAKERS = ("device", "books", "note")


@dataclass(frozen=True, slots=True, kw_only=True)
class MakerWord:
    """A maker that rules may name, and why it is listed at all."""

    id: str
    name: str
    tier: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryWord:
    """A category of hardware; a broad one gives way to a closer one."""

    id: str
    name: str
    broad: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _LawWord:
    """A word of laws: a place with its countries, a role with its place, a duty, a purpose."""

    id: str
    name: str
    countries: tuple[str, ...] = ()
    place: str = ""
    idle: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KindWord:
    """A kind of fact: the source it is heard from, and whether matching nothing says anything.

    A `whole` one is a reply as sent: what was read out of it, at the same place, is no second source. `speaker` is
    whose words it holds where nobody else reported it: the device's own, what an inventory states (`books`), or
    anybody's free text (`note`).
    """

    id: str
    witness: str
    decides: bool
    says: str = ""
    whole: bool = False
    speaker: str = "device"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vocabulary:
    """Every word a rule, a policy or a journal may use, by id; of the same texts there is one.

    `countries` are those a place's laws bind, in codes of ISO 3166-1; `homes` gives the place by whose law a role
    exists at all; `idle` are duties that ask nobody to act.
    """

    makers: Mapping[str, MakerWord] = field(default_factory=dict)
    categories: Mapping[str, CategoryWord] = field(default_factory=dict)
    kinds: Mapping[str, KindWord] = field(default_factory=dict)
    laws: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    countries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    homes: Mapping[str, str] = field(default_factory=dict)
    idle: frozenset[str] = frozenset()

    @property
    def of_policies(self) -> dict[str, Collection[str]]:
        """Return the words a policy may use, by the key they stand under."""
        return {"makers": self.makers, "categories": self.categories, **{key: self.laws[LAWS[key]] for key in LAWS}}

    @property
    def decides(self) -> frozenset[str]:
        """Return the kinds of facts whose reading says something even where no rule matches."""
        return frozenset(word.id for word in self.kinds.values() if word.decides)

    @property
    def whole(self) -> frozenset[str]:
        """Return the kinds that are a reply as sent, out of which other facts are read."""
        return frozenset(word.id for word in self.kinds.values() if word.whole)

    @property
    def broad(self) -> frozenset[str]:
        """Return the categories that give way to a closer one."""
        return frozenset(word.id for word in self.categories.values() if word.broad)

    @property
    def wordless(self) -> frozenset[str]:
        """Return the kinds that say nothing of a maker: names people chose, places, open ports."""
        return frozenset().union(*map(self.of_witness, (FREE_TEXT, "place", "ports")))

    def spoken_by(self, speaker: str) -> frozenset[str]:
        """Return the kinds that hold the words of one sort of speaker."""
        return frozenset(word.id for word in self.kinds.values() if word.speaker == speaker)

    def witness(self, kind: str) -> str:
        """Return the source a kind of fact is heard from; an unknown kind is a source of its own."""
        word = self.kinds.get(kind)
        return word.witness if word else kind

    def of_witness(self, witness: str) -> frozenset[str]:
        """Return the kinds heard from one source."""
        return frozenset(word.id for word in self.kinds.values() if word.witness == witness)


def read_vocabulary(layers: Iterable[tuple[str, str]]) -> Vocabulary:
    """Read `(name, TOML text)` layers, later ones over earlier ones, by id."""
    return _read(tuple(layers))


@lru_cache(maxsize=16)
def _read(layers: tuple[tuple[str, str], ...]) -> Vocabulary:
    makers: dict[str, MakerWord] = {}
    categories: dict[str, CategoryWord] = {}
    kinds: dict[str, KindWord] = {}
    laws: dict[str, dict[str, _LawWord]] = {table: {} for table in LAWS.values()}
    for name, text in layers:
        top = read_toml(text, name)
        makers |= {word.id: word for word in map(_maker, top.sections("maker"))}
        categories |= {word.id: word for word in map(_category, top.sections("category"))}
        facts = top.section("fact")
        kinds |= {key: _kind(key, facts.section(key)) for key in facts.values}
        for table, words in laws.items():
            words |= {word.id: word for word in map(_law_word, top.sections(table))}
        finish(top)
    return Vocabulary(
        makers=makers,
        categories=categories,
        kinds=kinds,
        laws={table: {key: word.name for key, word in words.items()} for table, words in laws.items()},
        countries={key: word.countries or (key,) for key, word in laws["place"].items()},
        homes={key: word.place for key, word in laws["role"].items() if word.place},
        idle=frozenset(key for key, word in laws["duty"].items() if word.idle),
    )


def _maker(section: Section) -> MakerWord:
    tier = section.choice("tier", tuple(Tier))
    return MakerWord(id=section.text("id"), name=section.text("name"), tier=Tier(tier or "other"))


def _category(section: Section) -> CategoryWord:
    return CategoryWord(id=section.text("id"), name=section.text("name"), broad=section.flag("broad"))


def _law_word(section: Section) -> _LawWord:
    word = section.text("id")
    return _LawWord(
        id=word,
        name=section.text("name", word),
        countries=section.texts("countries"),
        place=section.text("place", ""),
        idle=section.flag("idle"),
    )


def _kind(key: str, section: Section) -> KindWord:
    word = KindWord(
        id=key,
        witness=section.text("witness"),
        decides=section.flag("decides"),
        says=section.text("says", ""),
        whole=section.flag("whole"),
        speaker=section.choice("speaker", SPEAKERS, default="device"),
    )
    section.close()
    return word
