"""The TOML and TSV readers: typed getters, breadcrumbs, all problems at once."""

import pytest

from auditor.errors import InputError, ProblemsError, RuleError
from auditor.tables import finish, read_toml, read_tsv


def test_every_problem_of_a_file_shows_at_once():
    top = read_toml('a = 1\n[[rule]]\nid = ""\nflag = "no"\n[[rule]]\nid = "x"\nextra = 1', "f.toml")
    top.text("a")
    for section in top.sections("rule"):
        section.text("id")
        section.flag("flag")
        section.close()

    with pytest.raises(ProblemsError) as caught:
        finish(top)

    told = str(caught.value).splitlines()
    assert [line.split(": ")[:2] for line in told] == [
        ["f.toml", "a"],
        ["f.toml", "rule[1].id"],
        ["f.toml", "rule[1].flag"],
        ["f.toml", "rule[2].extra"],
    ]


def test_a_number_is_no_text_and_true_is_no_number():
    top = read_toml("version = 8.180\ncount = true", "f.toml")
    top.text("version")
    top.number("count")

    assert [problem.where for problem in top.problems] == ["f.toml: version", "f.toml: count"]


def test_a_date_is_written_without_quotes():
    top = read_toml('good = 2021-03-12\nbad = "2021-03-12"\nlong = 2021-03-12T00:00:00', "f.toml")

    assert top.day("good").isoformat() == "2021-03-12"
    top.day("bad")
    top.day("long")
    assert len(top.problems) == 2


def test_a_word_outside_a_closed_list_names_the_list():
    top = read_toml('strength = "strnog"', "f.toml")
    top.choice("strength", ("hint", "strong"))

    with pytest.raises(RuleError, match="'strnog' is not one of hint, strong"):
        finish(top)


def test_broken_toml_names_the_file():
    with pytest.raises(RuleError, match=r"f\.toml: not valid TOML"):
        read_toml("a = ", "f.toml")


def test_a_table_row_that_is_short_names_its_line():
    with pytest.raises(InputError, match=r"t\.tsv: line 3: has 1 cells, must have 2"):
        read_tsv("# remark\na\tb\n1", "t.tsv", ("a", "b"), error=InputError)


def test_a_table_without_its_columns_is_refused():
    with pytest.raises(RuleError, match="first line must name the columns a b"):
        read_tsv("x\ty\n1\t2", "t.tsv", ("a", "b"))
