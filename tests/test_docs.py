"""Documentation that cannot fall behind."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from auditor import __version__
from auditor.cli import COMMANDS
from auditor.report.registry import FORMATS
from tests.tools import manual
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


def test_the_changelog_begins_with_this_version():
    first = re.search(r"^## \[?([^\]\s]+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert first
    assert first.group(1) == __version__


def test_one_version_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["version"] == __version__


def test_make_help_lists_the_targets_people_expect():
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))

    wanted = {"demo", "test", "check", "fmt", "lint", "type", "cov"}
    wanted |= {"rules", "oui", "accuracy", "bench", "docs", "clean"}
    assert wanted <= targets
