"""Reading rule files: strict, all problems at once, and no order matters."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.errors import AuditorError, ProblemsError, RuleError, UsageError
from auditor.model import Strength, Verdict
from auditor.rules.load import load, load_layers
from auditor.rules.read import read_rule_file
from auditor.rules.vocabulary import Vocabulary, read_vocabulary
from tests.tools.rule_folders import WORDS, acme, book_of, rule, write


def test_a_rule_is_read_as_it_is_written(tmp_path: Path) -> None:
    found = book_of(tmp_path, acme(rule(cap='"probable"', against='["bolt"]', since="2020-01-02"))).by_id()["acme/os"]

    assert (found.says.maker, found.says.category, found.strength) == ("acme", "network", Strength.PROOF)
    assert (found.cap, found.against, str(found.since)) == (Verdict.PROBABLE, ("bolt",), "2020-01-02")
    assert found.examples[0].captures == (("model", "A100"), ("os", "5.2"))


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    files = acme(rule(strength='"certain"', fact='"snmp.sysdesc"', colour='"red"'))
    files["watch/eyes.toml"] = 'name = "Eyes"\n' + rule(regex="'(?=x)'", os=None, model=None)

    with pytest.raises(ProblemsError) as caught:
        book_of(tmp_path, files)

    told = str(caught.value)
    assert told.splitlines() == [
        "makers/acme.toml: rule[1].fact: 'snmp.sysdesc' is no kind of fact in vocabulary.toml",
        "makers/acme.toml: rule[1].strength: 'certain' is not one of hint, strong, proof",
        next(line for line in told.splitlines() if "colour: unknown key" in line),
        "watch/eyes.toml: rule[1].regex: RE2 does not take it: invalid perl operator: (?=",
        "watch/eyes.toml: rule[1]: must say exactly one of regex, oid, table or registry = true; found none of them",
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": '"Not Kebab"'}, "lower-case words joined by hyphens"),
        ({"oid": '"1.3.6.1.4.1.9"'}, "found regex and oid"),
        ({"regex": None, "oid": '"1.3.x"', "os": None, "model": None}, "no dotted OID"),
        ({"regex": None, "oid": '"1.3.6.1.4.1.9"', "os": None, "model": None}, "can be read in"),
        ({"regex": "'(?P<colour>A)'", "os": None, "model": None}, "group 'colour' is not one of"),
        ({"registry": "true", "regex": None, "os": None, "model": None}, "needs registrants"),
        ({"maker": '"nobody"'}, "'nobody' is not one of"),
        ({"against": '["nobody"]'}, "no maker 'nobody'"),
        ({"category": '"shoe"'}, "'shoe' is not one of"),
        ({"table": '"rows.tsv"', "regex": None, "os": None, "model": None}, "there is no table makers/rows.tsv"),
        ({"because": '""'}, "'because' is empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_each_mistake_is_named_where_it_stands(changes: dict[str, str | None], said: str, tmp_path: Path) -> None:
    with pytest.raises(AuditorError, match=said) as caught:
        book_of(tmp_path, acme(rule(**changes), registrants="[]"))

    assert str(caught.value).startswith("makers/acme.toml: ")
    assert caught.value.exit_code == 4


def test_an_example_may_state_only_what_the_rule_captures(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"rule\[1\]\.example\[1\]\.serial: no named group of this rule"):
        book_of(tmp_path, acme(rule().replace('os = "5.2"', 'serial = "5.2"')))


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"makers/stranger.toml": 'name = "S"\n' + rule()}, "no maker 'stranger' in vocabulary.toml"),
        ({"makers/acme.toml": 'name = "A"\n'}, r"holds no \[\[rule\]\]"),
        ({"makers/acme.toml": 'name = "A"\n' + rule() + rule()}, "used twice"),
        ({"makers/acme.toml": "name = "}, "not valid TOML"),
        ({**acme(rule()), "lookalikes/acme.toml": acme(rule())["makers/acme.toml"]}, "stands in makers/acme.toml too"),
        ({"rebrands/sunny.toml": 'brand = "Sunny"\n' + rule()}, "name the maker"),
    ],
    ids=["unknown maker", "empty", "twice", "torn", "two homes", "nobody built it"],
)
def test_a_file_that_cannot_be_right_is_refused(files: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=said):
        book_of(tmp_path, files)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("value\tmodel\nA1\tA\n", "the first line must name the columns"),
        ("value\tmodel\tcategory\nA1\tA\n", "has 2 cells"),
        ("value\tmodel\tcategory\nA1\tA\t\nA1\tB\t\n", "stands twice"),
    ],
)
def test_a_broken_table_is_refused(rows: str, said: str, tmp_path: Path) -> None:
    table = rule(fact='"inventory.model"', regex=None, table='"rows.tsv"', os=None, model=None)

    with pytest.raises(RuleError, match=said):
        book_of(tmp_path, {**acme(table), "makers/rows.tsv": rows})


def test_the_order_of_rules_changes_nothing_and_a_word_does(tmp_path: Path) -> None:
    one, two = rule(), rule(id='"zz"')

    forth, back = book_of(tmp_path / "1", acme(one, two)), book_of(tmp_path / "2", acme(two, one))
    other = book_of(tmp_path / "3", acme(one, two.replace("Acme writes", "Acme wrote")))

    assert forth.rules == back.rules
    assert forth.version == back.version != other.version


def test_a_users_folder_adds_rules_and_replaces_those_of_the_same_id(tmp_path: Path) -> None:
    base = write(tmp_path / "base", acme(rule(), rule(id='"second"')))
    own = tmp_path / "own"
    (own / "makers").mkdir(parents=True)
    (own / "makers" / "acme.toml").write_text('name = "Acme"\n' + rule(strength='"hint"') + rule(id='"third"'))

    book = load_layers([base, own])

    assert [found.id for found in book.rules] == ["acme/os", "acme/second", "acme/third"]
    assert book.by_id()["acme/os"].strength is Strength.HINT


def test_a_folder_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such folder of rules"):
        load([tmp_path / "gone"])


def test_a_rebrand_names_the_label_and_who_built_it(tmp_path: Path) -> None:
    book = book_of(tmp_path, {"rebrands/sunny.toml": 'brand = "Sunny"\nmaker = "acme"\n' + rule(), **acme(rule())})

    found = book.by_id()["sunny/os"]
    assert (found.says.brand, found.says.maker) == ("Sunny", "acme")
    assert book.brands == {"sunny": "Sunny"}


def test_a_lookalike_speaks_against_those_it_is_taken_for(tmp_path: Path) -> None:
    text = 'name = "Other"\nagainst = ["acme"]\n' + rule()

    assert book_of(tmp_path, {"lookalikes/other.toml": text}).rules[0].against == ("acme",)


def test_text_that_is_not_utf_8_is_one_clear_line(tmp_path: Path) -> None:
    folder = write(tmp_path, acme(rule()))
    (folder / "makers" / "acme.toml").write_bytes(b'name = "\xff"')

    with pytest.raises(RuleError, match=r"makers/acme\.toml: must be UTF-8 text"):
        load_layers([folder])


VALUES = st.sampled_from(
    ['""', '"x"', "1", "true", "[]", "['x']", "[1]", "{}", "2020-01-01", "1979-05-27T07:32:00Z", "[[]]", "'('", "'\\C'"]
)
KEYS = st.sampled_from(
    [
        "id",
        "fact",
        "regex",
        "oid",
        "table",
        "registry",
        "registrants",
        "where",
        "maker",
        "brand",
        "model",
        "category",
        "strength",
        "against",
        "cap",
        "since",
        "until",
        "part",
        "because",
        "source",
        "never",
        "clashes",
        "example",
    ]
)


@given(st.dictionaries(KEYS, VALUES, max_size=6))
@settings(max_examples=150, deadline=None)
def test_no_value_of_any_key_ends_in_a_traceback(changes: dict[str, str]) -> None:
    text = acme(rule(**changes))["makers/acme.toml"].replace(
        "[[rule.example]]", "" if "example" in changes else "[[rule.example]]"
    )
    words = read_vocabulary([("vocabulary.toml", WORDS)])

    assert outcome_of(text, words).startswith(("makers/acme.toml: ", "read acme/"))


def outcome_of(text: str, words: Vocabulary) -> str:
    try:
        return f"read {read_rule_file(text, 'makers/acme.toml', words).rules[0].id}"
    except AuditorError as error:
        return str(error)


def test_the_built_in_rules_can_be_read() -> None:
    assert {"huawei", "zte", "hikvision", "dahua", "hytera"} <= set(load().makers)
