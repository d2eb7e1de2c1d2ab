"""Each check bites: for every check there is a rule that breaks it, and breaks nothing else."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from auditor.rules.check import CHECKS, check
from tests.tools.rule_folders import Registered, acme, book_of, rule

GOOD = acme(rule())
BOLT = 'name = "Bolt"\n' + rule(
    id='"os"',
    regex="'AcmeOS'",
    because='"BoltOS says this of itself now and then."',
    never='["CogOS 1.0 on A100"]',
    os=None,
    model=None,
)
TABLE = rule(id='"table"', fact='"inventory.model"', regex=None, table='"rows.tsv"', os=None, model='"A one"')
TABLE = TABLE.replace('value = "AcmeOS 5.2 on A100"', 'value = "A1"')
REGISTRY = rule(
    id='"registrant"', fact='"if.mac"', regex=None, registry="true", strength='"strong"', os=None, model=None,
    never='["00:0b:00:00:00:01"]',
).replace('"AcmeOS 5.2 on A100"', '"00:0e:00:00:00:01"')  # fmt: skip
REBRAND = 'brand = "Sunny"\nmaker = "acme"\n'
NUMBER = rule(
    id='"number"', fact='"inventory.model"', regex="'(?P<model>SU-\\d+)'", strength='"strong"', never='["UP-7"]',
    os=None,
    model='"SU-7"',
).replace("AcmeOS 5.2 on A100", "Sunny SU-7")  # fmt: skip

BAD: dict[str, Mapping[str, str]] = {
    "shows_an_example": acme(rule().partition("[[rule.example]]")[0]),
    "matches_its_examples": acme(rule() + '\n[[rule.example]]\nvalue = "AcmeOS"\nos = "1"\nmodel = "A1"\n'),
    "captures_what_it_states": acme(rule(model='"A10"')),
    "shows_a_pass": acme(rule(never=None)),
    "passes_its_nevers": acme(rule(never='["AcmeOS 1.0 on A200"]')),
    "gives_a_reason": acme(rule(because='"it is so"')),
    "names_its_source": acme(rule(source='"everybody knows"')),
    "reads_no_free_text": acme(rule(fact='["snmp.sysdescr", "snmp.sysname"]')),
    "leaves_others_alone": {**GOOD, "makers/bolt.toml": BOLT.replace("\nstrength",
    '\nclashes = ["acme/os"]\nstrength')},
    "clashes_with_somebody": acme(rule(clashes='["acme/none"]')),
    "accuses_no_brand": {"rebrands/sunny.toml": REBRAND + rule(regex="'(?i)sunny|AcmeOS (?P<os>[\\d.]+) on "
    "(?P<model>A\\d+)'")},
    "reads_a_label_with_a_number": {"rebrands/sunny.toml": REBRAND + NUMBER},
    "waits_for_another_sign": acme(rule(because='"AcmeOS says this of itself, and clones of it do."')),
    "reads_free_words_from_their_start": acme(rule(fact='"ssh.banner"')),
    "stands_alone_as_a_word": acme(rule(regex="'AcmeOS (?P<os>[\\d.]+) on (?P<model>A\\d+)|(?i:acme)'",
    never='["Bolt"]')),
    "says_something": acme(rule(regex="'^Linux|AcmeOS (?P<os>[\\d.]+) on (?P<model>A\\d+)'")),
    "stays_in_its_budget": acme(rule(regex="'AcmeOS (?P<os>[\\d.]+) on (?P<model>"
    "A\\d+)\\b[\\x{100}-\\x{10ffff}]{0,900}'")),
    "speaks_for_one_side": acme(rule(against='["acme"]')),
    "keeps_its_dates_in_order": acme(rule(since="2021-01-01\nuntil = 2020-01-01")),
    "proves_nothing_by_a_prefix": acme(REGISTRY.replace('"strong"', '"proof"')),
    "reads_macs_by_registry": acme(REGISTRY.replace('fact = "if.mac"', 'fact = ["if.mac", "ssh.banner"]')),
    "narrows_an_oid": acme(
        rule(fact='"snmp.sysobjectid"', regex=None, oid='"1.3.6.1.4.2"', os=None, model=None, never='["1.3.6.1.2.1"]')
        .replace('"AcmeOS 5.2 on A100"', '"1.3.6.1.4.2.9"')
    ),
    "fills_its_table": {**acme(TABLE), "makers/rows.tsv": "value\tmodel\tcategory\nA1\tA one\tshoe\n"},
    "sits_in_its_folder": {"lookalikes/acme.toml": GOOD["makers/acme.toml"]},
}  # fmt: skip


def test_a_good_rule_has_nothing_to_complain_of(tmp_path: Path) -> None:
    files = {**acme(rule(), TABLE, REGISTRY), "makers/rows.tsv": "value\tmodel\tcategory\nA1\tA one\tswitch\n"}

    assert check(book_of(tmp_path, files), Registered()) == ()


@pytest.mark.parametrize("name", [demand.__name__ for demand in CHECKS])
def test_each_check_bites_and_no_other_one_does(name: str, tmp_path: Path) -> None:
    complaints = check(book_of(tmp_path, BAD[name]), Registered())

    assert {complaint.check for complaint in complaints} == {name}


def test_a_clash_named_on_both_sides_is_no_complaint(tmp_path: Path) -> None:
    both = {
        **acme(rule(clashes='["bolt/os"]')),
        "makers/bolt.toml": BOLT.replace("\nstrength", '\nclashes = ["acme/os"]\nstrength'),
    }

    assert check(book_of(tmp_path, both), Registered()) == ()


@pytest.mark.parametrize(
    ("strength", "cap", "complaints"),
    [
        ("strong", "confirmed", ["accuses_no_brand"]),
        ("strong", "possible", ["accuses_no_brand"]),
        ("hint", "probable", ["accuses_no_brand"]),
        ("hint", "possible", []),
    ],
)
def test_a_prefix_registered_to_a_brand_may_only_hint(
    strength: str, cap: str, complaints: list[str], tmp_path: Path
) -> None:
    prefix = REGISTRY.replace('"strong"', f'"{strength}"\ncap = "{cap}"')
    files = {"rebrands/sunny.toml": REBRAND + 'registrants = ["Acme Ltd"]\n' + prefix}

    assert [complaint.check for complaint in check(book_of(tmp_path, files), Registered())] == complaints


@pytest.mark.parametrize("because", ['"It is so, always"', '"It is so."', '"Because."'])
def test_a_reason_is_a_sentence_of_some_length(because: str, tmp_path: Path) -> None:
    complaints = check(book_of(tmp_path, acme(rule(because=because))), Registered())

    assert [str(complaint) for complaint in complaints] == [
        "acme/os: say why in a full sentence: at least five words and a full stop"
    ]


def test_a_table_without_rows_proves_nothing(tmp_path: Path) -> None:
    files = {**acme(TABLE), "makers/rows.tsv": "value\tmodel\tcategory\n"}

    assert "add rows to rows.tsv" in {complaint.demand for complaint in check(book_of(tmp_path, files), Registered())}


def test_a_claim_may_hold_for_a_single_day(tmp_path: Path) -> None:
    assert check(book_of(tmp_path, acme(rule(since="2021-01-01\nuntil = 2021-01-01"))), Registered()) == ()


def test_a_long_value_is_cut_where_it_is_shown(tmp_path: Path) -> None:
    long = "AcmeOS 5.2 on A100 " * 9

    (complaint,) = check(book_of(tmp_path, acme(rule(never=f'["{long}"]'))), Registered())

    assert complaint.demand == "let 'AcmeOS 5.2 on A100 AcmeOS 5.2 on A100 AcmeOS 5.2 on A100 Ac…' pass"


@pytest.mark.parametrize(
    "files",
    [
        {
            "rebrands/sunny.toml": REBRAND
            + "own_label = true\n"
            + rule(regex="'(?i)sunny|AcmeOS (?P<os>[\\d.]+) on (?P<model>A\\d+)'")
        },
        {
            "makers/acme.toml": 'name = "Acme"\nlabels = ["Sunny"]\n'
            + rule(brand='"Sunny"', regex="'AcmeOS (?P<os>[\\d.]+) on (?P<model>A\\d+)|Sunny'")
        },
    ],
    ids=["in a rebrand file", "in the maker's file"],
)
def test_a_label_that_only_its_maker_uses_may_stand_for_the_maker(files: dict[str, str], tmp_path: Path) -> None:
    assert check(book_of(tmp_path, files), Registered()) == ()


@pytest.mark.parametrize(
    ("change", "complaints"),
    [
        ({}, ["reads_a_label_with_a_number"]),
        ({"strength": '"proof"'}, ["reads_a_label_with_a_number"]),
        ({"strength": '"strong"\ncap = "probable"'}, []),
        ({"strength": '"hint"'}, []),
        ({"regex": "'Sunny (?P<model>SU-\\d+)'"}, []),
    ],
    ids=["strong", "proof", "capped", "a hint", "with its label"],
)
def test_a_number_sold_under_a_label_needs_the_label_or_a_cap(
    change: dict[str, str], complaints: list[str], tmp_path: Path
) -> None:
    text = NUMBER
    for key, value in change.items():
        line = next(line for line in text.splitlines() if line.startswith(f"{key} = "))
        text = text.replace(line, f"{key} = {value}")

    found = check(book_of(tmp_path, {"rebrands/sunny.toml": REBRAND + text}), Registered())

    assert [complaint.check for complaint in found] == complaints
    assert all("read the label beside 'SU-7', or set cap" in complaint.demand for complaint in found)


def test_a_number_that_holds_its_label_and_a_makers_own_number_need_no_other(tmp_path: Path) -> None:
    own = NUMBER.replace("SU-", "Sunny ").replace('model = "Sunny 7"', 'model = "Sunny 7"')
    own = own.replace('value = "Sunny Sunny 7"', 'value = "Sunny 7"')
    makers = acme(NUMBER)

    assert check(book_of(tmp_path / "label", {"rebrands/sunny.toml": REBRAND + own}), Registered()) == ()
    assert check(book_of(tmp_path / "maker", makers), Registered()) == ()


@pytest.mark.parametrize(
    "because",
    [
        "The title is plain, and others use it.",
        "The path is one that nameless cameras have copied.",
        "The header is Acme's, and Bolt sends it as well.",
        "So short a number is used by others too.",
        "The port is Acme's; the number is in wide use.",
        "A name in a banner proves nothing by itself.",
        "Other makers number their gear alike.",
    ],
)
def test_a_sign_that_others_share_names_nobody_by_itself(because: str, tmp_path: Path) -> None:
    shared = rule(because=f'"{because}"')
    alone = check(book_of(tmp_path / "alone", acme(shared)), Registered())
    waiting = acme(rule(because=f'"{because}"', strength='"hint"\nalone = false'))

    assert [complaint.check for complaint in alone] == ["waits_for_another_sign"]
    assert "set alone = false" in alone[0].demand
    assert check(book_of(tmp_path / "waits", waiting), Registered()) == ()


@pytest.mark.parametrize(
    "because",
    [
        "The platform is Acme's, which builds units for others.",
        "The answer carries the copyright of Acme and of nobody else.",
        "No other maker numbers its gear in this way.",
    ],
)
def test_a_reason_that_speaks_of_others_does_not_always_share_the_sign(because: str, tmp_path: Path) -> None:
    assert check(book_of(tmp_path, acme(rule(because=f'"{because}"'))), Registered()) == ()


@pytest.mark.parametrize(
    ("change", "complaints"),
    [
        ({}, ["reads_free_words_from_their_start"]),
        ({"strength": '"strong"'}, ["reads_free_words_from_their_start"]),
        ({"strength": '"strong"\ncap = "probable"'}, []),
        ({"strength": '"proof"\ncap = "probable"'}, ["reads_free_words_from_their_start"]),
        ({"regex": "'^AcmeOS (?P<os>[\\d.]+) on (?P<model>A\\d+)'"}, []),
        ({"regex": "'(?m)^AcmeOS (?P<os>[\\d.]+) on (?P<model>A\\d+)$'"}, []),
        ({"regex": "'^.*AcmeOS (?P<os>[\\d.]+) on (?P<model>A\\d+)'"}, ["reads_free_words_from_their_start"]),
        ({"regex": "'^AcmeOS$|AcmeOS (?P<os>[\\d.]+) on (?P<model>A\\d+)'"}, ["reads_free_words_from_their_start"]),
        ({"fact": '"snmp.sysdescr"'}, []),
    ],
)
def test_words_of_an_operator_prove_nothing_about_the_box(
    change: dict[str, str], complaints: list[str], tmp_path: Path
) -> None:
    banner = rule(**{"fact": '"ssh.banner"', **change})
    found = check(book_of(tmp_path, acme(banner)), Registered())

    assert [complaint.check for complaint in found] == complaints
    assert all("begin with ^" in complaint.demand and "cap" in complaint.demand for complaint in found)


def test_a_shared_sign_of_a_look_alike_accuses_nobody_anyway(tmp_path: Path) -> None:
    other = 'name = "Other"\n' + rule(because='"The words are plain, and others use them in their own texts."')
    prefix = REGISTRY.replace("AcmeOS is the system that Acme writes", "Others use the prefix that Acme bought")

    assert check(book_of(tmp_path / "other", {"lookalikes/other.toml": other}), Registered()) == ()
    assert check(book_of(tmp_path / "prefix", acme(prefix)), Registered()) == ()
