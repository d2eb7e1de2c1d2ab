"""What a rule author is told."""

from pathlib import Path

import pytest

from auditor.errors import UsageError
from auditor.rules import author
from auditor.rules.book import RuleBook
from tests.tools.rule_folders import Registered, acme, book_of, rule

BANNER = rule(id='"second"', never=None, fact='"ssh.banner"', strength='"strong"\ncap = "probable"')
TWO = acme(rule(), BANNER)


@pytest.fixture
def book(tmp_path: Path) -> RuleBook:
    return book_of(tmp_path, TWO)


def test_a_list_can_be_narrowed_by_words(book: RuleBook) -> None:
    assert [line.id for line in author.listed(book)] == ["acme/os", "acme/second"]
    assert [line.id for line in author.listed(book, ["ACME", "ssh"])] == ["acme/second"]


def test_a_rule_is_shown_with_reason_and_source(book: RuleBook) -> None:
    shown = author.show(book, "acme/os")

    assert "because     AcmeOS is the system that Acme writes for its own switches." in shown
    assert "example     AcmeOS 5.2 on A100" in shown
    assert "oid" not in shown


def test_an_unknown_rule_is_answered_with_near_ones(book: RuleBook) -> None:
    with pytest.raises(UsageError, match="there is no rule 'second'; did you mean acme/second"):
        author.show(book, "second")


def test_one_rule_or_one_file_can_be_tested(book: RuleBook) -> None:
    assert author.open_demands(book, Registered(), "acme/os") == ()
    assert [str(one) for one in author.open_demands(book, Registered(), "acme")] == [
        "acme/second: add a value this rule must never catch: the nearest look-alike"
    ]
    with pytest.raises(UsageError, match="no rule or file 'bolt'"):
        author.open_demands(book, Registered(), "bolt")


def test_a_value_is_tried_as_every_kind_or_as_one(book: RuleBook) -> None:
    tried = author.attempt(book, Registered(), "AcmeOS 1 on A1")

    assert [(one.kind, one.hit.rule.id) for one in tried] == [
        ("snmp.sysdescr", "acme/os"),
        ("ssh.banner", "acme/second"),
    ]
    assert [one.hit.rule.id for one in author.attempt(book, Registered(), "AcmeOS 1 on A1", "ssh.banner")] == [
        "acme/second"
    ]
    with pytest.raises(UsageError, match="'ssh' is no kind of fact"):
        author.attempt(book, Registered(), "x", "ssh")


def test_two_books_are_compared_rule_by_rule(book: RuleBook, tmp_path: Path) -> None:
    new = book_of(tmp_path / "new", acme(rule(strength='"hint"'), rule(id='"third"')))

    assert author.changes(book, new) == author.Changes(
        added=("acme/third",), removed=("acme/second",), changed=(("acme/os", ("strength",)),)
    )
    assert author.changes(book, book) == author.Changes(added=(), removed=(), changed=())


@pytest.mark.parametrize("folder", sorted(author.HEADS))
def test_a_new_file_can_be_read_at_once(folder: str, tmp_path: Path) -> None:
    text = (
        author.skeleton(folder, "other", "Other")
        .replace('maker = ""', 'maker = "acme"')
        .replace("http.server", "ssh.banner")
    )
    book = book_of(tmp_path, {f"{folder}/other.toml": text})

    assert [found.id for found in book.rules] == ["other/web-banner"]


def test_a_new_file_goes_into_a_known_folder() -> None:
    with pytest.raises(UsageError, match="choose one of makers, watch, lookalikes, rebrands"):
        author.skeleton("shoes", "x")
