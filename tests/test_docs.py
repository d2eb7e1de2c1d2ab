"""Documentation that cannot fall behind."""

import re
import shlex
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from auditor import __version__
from auditor.cli import COMMANDS, main
from auditor.report.registry import FORMATS
from tests.tools import doc_blocks, features, manual
from tests.tools.reference import PATH, reference

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_command_reference_is_what_the_commands_say():
    assert PATH.read_text(encoding="utf-8") == reference(), "run `make docs`"


def test_every_command_has_a_page_of_the_manual_that_says_what_it_says():
    assert {path.name: path.read_text(encoding="utf-8") for path in manual.FOLDER.iterdir()} == manual.pages(), (
        "run `make docs`"
    )
    assert {f"auditor-{name}.1" for name in COMMANDS} < set(manual.pages())


def test_what_a_help_text_says_is_no_request_to_groff():
    assert manual.roff(".so /etc/passwd") == "\\&.so /etc/passwd"
    assert manual.roff("'x \\fB -f") == "\\&'x \\efB \\-f"
    assert list(manual.paragraphs("a\n b\n\n\b\nc -d\ne")) == ["a b", ".PP", ".nf", "c \\-d", "e", ".fi"]


@pytest.mark.real
def test_groff_has_nothing_to_say_against_the_manual():
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    command = ["groff", "-man", "-ww", "-z", "-Kutf8", *sorted(manual.FOLDER.iterdir())]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)

    assert shown.stderr == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_names_every_command(name):
    assert f"`auditor {name}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_the_readme_names_every_report(name):
    assert f"`{name}`" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "commands.md"], ids=lambda page: page.name)
def test_every_command_line_on_a_page_is_one_the_program_takes(page):
    assert [
        f"{' '.join(words)}: {why}" for words in doc_blocks.words_of(page) if (why := doc_blocks.misuse(words))
    ] == []


def test_every_page_stands_in_the_navigation_of_the_site():
    text = (ROOT / "docs" / "zensical.toml").read_text(encoding="utf-8")

    assert set(re.findall(r'= "(\w+\.md)"', text)) == {page.name for page in (ROOT / "docs").glob("*.md")}


def test_a_command_line_nobody_takes_is_told():
    assert doc_blocks.misuse(["scan", "--exlude", "x"]) != ""
    assert doc_blocks.misuse(["rules", "lits"]) != ""
    assert doc_blocks.misuse(["--config", "a.toml", "scan", "--dry-run"]) == ""


def test_the_commands_of_the_how_to_print_what_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("SNMP_AUTH", "SNMP_PRIV", "SNMP_COMMUNITY", "SHARE_KEY"):
        monkeypatch.setenv(name, "a-secret-of-ours")

    def run(command):
        if command.startswith("auditor "):
            return CliRunner().invoke(main, shlex.split(command)[1:]).output
        return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout

    assert list(doc_blocks.faults(ROOT / "docs" / "howto.md", run, tmp_path)) == []
    assert sum(isinstance(step, doc_blocks.Shown) for step in doc_blocks.steps(ROOT / "docs" / "howto.md")) >= 8


@pytest.mark.parametrize(
    ("lines", "output", "fits"),
    [
        (("a", "b"), "a\nb\n", True),
        (("a", "b"), "a\n\nb\n", False),
        (("a", "…", "b"), "a\nx\ny\nb\n", True),
        (("a…c",), "abc\n", True),
        (("a…c",), "ab\nc\n", False),
        ((), "", True),
        ((), "x\n", False),
    ],
)
def test_an_output_is_compared_line_by_line(lines, output, fits):
    assert doc_blocks.Shown(page="", command="", lines=lines).fits(output) is fits


def test_the_changelog_begins_with_this_version():
    first = re.search(r"^## \[?([^\]\s]+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert first
    assert first.group(1) == __version__


def test_one_version_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["version"] == __version__


def test_every_row_of_what_users_ask_for_is_there_once_and_can_fail():
    _, rows = features.features()

    assert sorted(one.row for one in rows) == list(range(1, features.ROWS + 1))
    assert [f"row {one.row}: {fault}" for one in rows for fault in one.faults()] == []


def test_a_row_that_cannot_fail_is_refused():
    row = features.Feature

    assert list(row(row=1, asks="a", run="echo yes").faults())
    assert list(row(row=1, asks="a", run="echo yes", shows=("yes",)).faults())
    assert list(row(row=1, asks="a", test="tests/test_docs.py::test_nothing_of_the_sort").faults())
    assert list(row(row=1, asks="a", run="echo yes", shows=("no",), test="tests/test_docs.py::x").faults())


@pytest.mark.parametrize(
    ("settings", "answer"),
    [
        ({"run": "echo y''es", "shows": ("yes",)}, ""),
        ({"run": "echo y''es", "shows": ("no",)}, "does not say 'no'"),
        ({"run": "echo y''es", "shows": ("yes",), "never": ("es",)}, "says 'es'"),
        ({"run": "echo y''es; exit 3", "shows": ("yes",)}, "ended with 3: yes"),
        ({"run": "echo y''es; exit 3", "shows": ("yes",), "code": 3}, ""),
        ({"test": "tests/x.py::test_a"}, "tests/x.py::test_a does not pass"),
    ],
)
def test_a_row_is_answered_by_exit_code_and_words(tmp_path, settings, answer):
    assert features.answer(features.Feature(row=1, asks="a", **settings), tmp_path, set()) == answer


def test_make_help_lists_the_targets_people_expect():
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    wanted = {"demo", "test", "check", "fmt", "lint", "type", "cov"}
    wanted |= {"rules", "oui", "accuracy", "bench", "docs", "clean"}
    assert wanted <= targets
