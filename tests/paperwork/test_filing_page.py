"""The page a person signs, in a real Chromium.

Silent, self-contained, readable to everybody.
"""

import shutil

import pytest

from auditor.paperwork import plan
from auditor.paperwork.case import FilingCase
from auditor.paperwork.filled import fill
from auditor.paperwork.paper import page
from auditor.paperwork.removal import Plan
from tests.tools.browser import Browser
from tests.tools.filing_cases import SHELF, TODAY, case
from tests.tools.npm import package

pytestmark = pytest.mark.real
NAMES = ("far889_initial", "inquiry_statement", "removal_plan")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    for program in ("chromium", "chromedriver"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    one = Browser(tmp_path_factory.mktemp("profile"))
    yield one
    one.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name in NAMES:
        made, filing = case(), SHELF.by_id[name]
        more = plan.tables(Plan(FilingCase(made, filing))) if filing.rows == "plan" else ()
        (folder / f"{name}.html").write_bytes(page(fill(made, filing, more), TODAY))
    return {name: folder / f"{name}.html" for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_it_opens_without_a_word_on_the_console_or_to_the_network(browser, pages, name):
    browser.open(pages[name])

    assert SHELF.by_id[name].title in browser.texts("h1")
    assert browser.texts(".sign p") == ["Name", "Title", "Date", "Signature"]
    assert browser.log("browser") == []
    assert [url for url in browser.requested() if url != pages[name].as_uri()] == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", NAMES)
def test_axe_finds_nothing_to_complain_of(browser, pages, name, dark):
    script = (package("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    browser.open(pages[name], dark=dark)
    found = browser.run(script + ";return axe.run(document).then((result) => result.violations)")

    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
