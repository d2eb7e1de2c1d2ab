"""The page as a person meets it.

A real Chromium opens it from a file, clicks, types, prints.
"""

import csv
import io
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.report.base import Options
from auditor.report.registry import render
from tests.tools.audits import audit, large, poisoned
from tests.tools.browser import Browser
from tests.tools.hostile_audits import strings
from tests.tools.npm import package
from tests.tools.topologies import campus

pytestmark = pytest.mark.real
ARTEFACTS = Path(__file__).parents[2] / "artefacts" / "screenshots"
PLACES = {f"site-{number:02d}": (38 + number % 7 * 0.8, -99 + number * 0.45) for number in range(38)}
OPTIONS = Options(places=PLACES, names={"zte": "ZTE", "huawei": "Huawei"})


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    words = iter(strings() * 3)
    made = {
        "small": audit(),
        "hostile": poisoned(audit(), lambda: next(words)), "10": large(10, 10), "1000": large(1000, 1000),
        "10000": large(10_000, 10_000), "none": large(5, 0), "net": campus(300),
    }  # fmt: skip
    for name, one in made.items():
        (folder / f"{name}.html").write_bytes(render(one, "html", OPTIONS))
    return {name: folder / f"{name}.html" for name in made}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    for program in ("chromium", "chromedriver"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    one = Browser(tmp_path_factory.mktemp("profile"))
    yield one
    one.close()


ROWS = "#findings-table tbody tr:not(.detail):not(.group)"


@pytest.mark.parametrize(
    ("name", "findings"), [("10", 10), ("1000", 1000), ("10000", 10_000), ("small", 5), ("hostile", 5), ("none", 0)]
)
def test_it_opens_without_a_word_on_the_console_or_to_the_network(
    browser: Browser, pages: dict[str, Path], name: str, findings: int
) -> None:
    browser.open(pages[name])

    assert browser.texts("#findings-table [role=status]")[0].endswith(f"of {findings:,}")
    assert browser.log("browser") == []
    assert [url for url in browser.requested() if url != pages[name].as_uri()] == []


def test_nothing_a_device_said_runs_or_leads_away(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["hostile"])
    for number in range(1, 6):
        browser.run(f"document.querySelectorAll('#findings-table td.open button')[{number - 1}].click()")

    assert (
        browser.run("return document.querySelectorAll('main img, main iframe, main script, main object').length") == 0
    )
    hrefs = browser.run("return [...document.querySelectorAll('a')].map((node) => node.getAttribute('href'))")
    assert {href[0] for href in hrefs if not href.startswith("https://")} == {"#"}
    assert browser.log("browser") == []


def test_a_click_on_a_header_sorts_and_another_turns_it_round(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["1000"])

    browser.click("#findings-table th:nth-child(4) button")
    up = browser.texts(f"{ROWS} td:nth-child(4)")
    assert browser.run("return document.querySelector('#findings-table th:nth-child(4)').ariaSort") == "ascending"
    browser.click("#findings-table th:nth-child(4) button")
    down = browser.texts(f"{ROWS} td:nth-child(4)")

    assert up[0].startswith("device-000000")
    # Numbers inside names count as numbers, so 399 stands after 3e7.
    assert down[0].startswith("device-000399")


def test_the_surest_findings_stand_first(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["1000"])

    assert {text.split("\n")[0] for text in browser.texts(f"{ROWS} td:nth-child(2)")} == {"confirmed"}


def test_filters_narrow_together_and_clear_at_once(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["1000"])

    browser.type("#f-maker", "ZTE")
    browser.type("#q", "site-11")
    shown = browser.texts(f"{ROWS} td:nth-child(3)")
    assert set(shown) == {"site-11"}
    assert set(browser.texts(f"{ROWS} td:nth-child(5)")) == {"ZTE\nsold as lorex"} or browser.texts(
        f"{ROWS} td:nth-child(5)"
    )
    browser.click("#findings form button[type=reset]")

    assert browser.texts("#findings-table [role=status]") == ["1 to 50 of 1,000"]


def test_ten_thousand_findings_answer_a_filter_within_three_tenths_of_a_second(
    browser: Browser, pages: dict[str, Path]
) -> None:
    script = """
      const field = document.getElementById("q");
      const times = [];
      for (const word of ["d", "de", "device-0001", "site-07 m-4", "nothing-has-this", ""]) {
        const before = performance.now();
        field.value = word;
        field.dispatchEvent(new Event("input", { bubbles: true }));
        document.body.offsetHeight;
        times.push(performance.now() - before);
      }
      return times;
    """

    slowest = []
    # Beside other workers of the tests a page may wait for the processor: one whole fresh visit has to be quick.
    for _ in range(3):
        browser.open(pages["10000"])
        slowest.append(max(browser.run(script)))

    assert min(slowest) < 300


@pytest.mark.parametrize(("by", "groups"), [("site", 2), ("maker", 4), ("policy", 3)])
def test_findings_group_by_site_maker_and_policy(
    browser: Browser, pages: dict[str, Path], by: str, groups: int
) -> None:
    browser.open(pages["small"])

    browser.type("#group", by)

    assert len(browser.texts("#findings-table tr.group")) == groups + (by == "maker")


def test_groups_are_folded_with_their_counts_until_somebody_opens_one(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["small"])

    browser.type("#group", "site")
    assert browser.texts("#findings-table tr.group") == ["depot 3", "hq 2"]
    assert browser.texts(ROWS) == []
    browser.click("#findings-table tr.group button")

    assert len(browser.texts(ROWS)) == 3
    assert browser.texts("#findings-table [role=status]") == ["5 in groups"]


def test_a_link_leads_to_one_finding_and_shows_its_evidence(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["1000"])
    name = browser.run("return JSON.parse(document.getElementById('data').textContent).findings.length")
    assert name == 1000
    for _ in range(3):
        browser.click("#findings-table .pager button:last-child")
    link = browser.run(f"return document.querySelector('{ROWS} a.anchor').hash")
    device = browser.texts(f"{ROWS} td.device")[0]

    browser.open(pages["small"])
    browser.open(pages["1000"], fragment=link)

    assert browser.texts("#findings-table tr.detail") != []
    assert device in browser.texts(f"{ROWS}:has(+ tr.detail) td.device")
    assert browser.run("return document.querySelector('tr:has(+ tr.detail)').getBoundingClientRect().top < innerHeight")


def test_filters_stand_in_the_address_and_come_back_from_it(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["small"])
    browser.type("#f-maker", "Huawei")
    browser.type("#q", "sw-hq")
    address = browser.run("return location.hash")
    shown = browser.texts(ROWS)

    browser.open(pages["10"])
    browser.open(pages["small"], fragment=address)

    assert "maker=Huawei" in address
    assert browser.texts(ROWS) == shown
    assert len(shown) == 1


def test_what_is_shown_is_exported_as_csv_and_no_formula(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["hostile"])
    text = browser.run("""
      let made;
      const create = URL.createObjectURL;
      URL.createObjectURL = (blob) => { made = blob; return create(blob); };
      const field = document.getElementById("f-verdict");
      field.value = "confirmed";
      field.dispatchEvent(new Event("input", { bubbles: true }));
      document.getElementById("export").click();
      return made.text();
    """)
    head, *rows = csv.reader(io.StringIO(text, newline=""))

    assert head[:4] == ["verdict", "site", "device", "address"]
    assert {row[0] for row in rows} == {"confirmed"}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_a_telephone_shows_maker_model_and_port_without_sideways_scrolling(
    browser: Browser, pages: dict[str, Path]
) -> None:
    browser.open(pages["1000"], width=390, height=844)
    script = f"""
      const row = document.querySelector('{ROWS}');
      const seen = (label) => {{
        const box = row.querySelector(`td[data-label="${{label}}"]`).getBoundingClientRect();
        return box.width > 0 && box.left >= 0 && box.right <= document.documentElement.clientWidth;
      }};
      return [seen("Maker"), seen("Model"), seen("Place"), document.documentElement.scrollWidth];
    """

    width = browser.run("return document.documentElement.clientWidth")
    assert browser.run(script) == [True, True, True, width]


def test_the_evidence_chain_unfolds_and_folds(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["small"])

    browser.click("#findings-table td.open button")
    told = browser.texts("#findings-table tr.detail")
    assert "VRP (R) software" in told[0]
    assert "Rule huawei/vrp-sysdescr, from samples/huawei/s5720.snmprec" in told[0]
    assert "47 CFR 1.50007" in told[0]
    browser.click("#findings-table td.open button")

    assert browser.texts("#findings-table tr.detail") == []


def test_the_keyboard_is_enough(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["small"])
    browser.run("document.querySelector('#findings-table td.open button').focus()")

    browser.type("#findings-table td.open button:focus", "\ue007")

    assert browser.run("return document.activeElement.ariaExpanded") == "true"
    assert len(browser.texts("#findings-table tr.detail")) == 1


def test_pages_turn(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["1000"])

    browser.click("#findings-table .pager button:last-child")

    assert browser.texts("#findings-table [role=status]") == ["51 to 100 of 1,000"]


def on_paper(printed: bytes, folder: Path) -> str:
    """Return what stands on printed sheets; a form feed ends each."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")
    (folder / "page.pdf").write_bytes(printed)
    words = ["pdftotext", "-raw", str(folder / "page.pdf"), "-"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_paper_holds_what_a_signer_needs(browser: Browser, pages: dict[str, Path], tmp_path: Path) -> None:
    browser.open(pages["small"])

    text = on_paper(browser.printed(), tmp_path)

    told = " ".join(text.split())
    for needed in (
        "sw-hq-1",
            "waived until 2027-01-31 by A. Auditor: removal is ordered", "What each law asks", "What is due when",
            "2027-03-31",
        "2020-08-13", "192.0.2.77", "no reply to 3 requests", "undetermined", "Every clause",
        "binds: Providers of advanced communications service", "An inventory, not legal advice",
    ):  # fmt: skip
        assert needed in told
    assert text.count("An inventory, not legal advice") == text.count("\f")


def test_paper_gets_the_evidence_that_was_unfolded_and_no_other(
    browser: Browser, pages: dict[str, Path], tmp_path: Path
) -> None:
    browser.open(pages["small"])
    assert "snmp-system: snmp.sysdescr" not in on_paper(browser.printed(), tmp_path)

    browser.click("#findings-table td.open button")
    told = on_paper(browser.printed(), tmp_path)

    assert "snmp-system: snmp.sysdescr at 1.3.6.1.2.1.1.1.0" in told
    assert "mac: fdb.mac" not in told
    assert browser.run("return document.querySelector('details.clauses').open") is False


@pytest.mark.slow
@pytest.mark.parametrize("name", ["10", "1000", "10000"])
def test_a_large_report_prints_all_its_findings(
    browser: Browser, pages: dict[str, Path], tmp_path: Path, name: str
) -> None:
    browser.open(pages[name])
    browser.run(
        f"const rows = () => document.querySelectorAll('{ROWS}').length; window.seen = [rows()];"
        " const note = () => window.seen.push(rows());"
        " addEventListener('beforeprint', note); addEventListener('afterprint', note);"
    )

    printed = browser.printed()

    assert browser.run("return window.seen") == [min(50, int(name)), int(name), min(50, int(name))]
    sheets = on_paper(printed, tmp_path).split("\f")
    assert printed.count(b"/Type /Page\n") > int(name) // 20
    # Every sheet that shows findings shows what their columns mean.
    assert [sheet for sheet in sheets if "confirmed" in sheet and "device-0" in sheet and "Device" not in sheet] == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["small", "1000", "none", "hostile", "net"])
def test_axe_finds_nothing_to_complain_of(browser: Browser, pages: dict[str, Path], name: str, *, dark: bool) -> None:
    script = (package("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    browser.open(pages[name], dark=dark)
    browser.run("document.querySelectorAll('#findings-table td.open button').forEach((button) => button.click())")
    browser.run("document.querySelectorAll('#topology details').forEach((one) => { one.open = true; })")
    if name == "net":
        browser.type("#n-start", "hq-acc1")

    found = browser.run(script + ";return axe.run(document).then((result) => result.violations)")

    assert [(item["id"], [node["html"][:120] for node in item["nodes"][:3]]) for item in found] == []


@pytest.mark.parametrize(
    ("name", "width", "dark"),
    [("small", 1440, False), ("1000", 1440, False), ("1000", 1440, True), ("1000", 390, True), ("10000", 390, False)],
)
def test_it_is_looked_at(browser: Browser, pages: dict[str, Path], name: str, width: int, *, dark: bool) -> None:
    """Screenshots are kept under artefacts/screenshots for a person to look at.

    Nothing may stick out sideways.
    """
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    browser.open(pages[name], width=width, height=900, dark=dark)
    label = f"{name}-{width}-{'dark' if dark else 'light'}"

    browser.screenshot(ARTEFACTS / f"{label}.png")
    browser.run("document.querySelector('#findings-table td.open button').click()")
    browser.run("document.getElementById('findings').scrollIntoView()")
    browser.screenshot(ARTEFACTS / f"{label}-findings.png")

    assert browser.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_text_is_quoted_once_and_laws_stand_by_place(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["small"])
    browser.click("#findings-table td.open button")

    assert len(browser.texts("#findings-table .chain pre")) == 1
    assert browser.texts("#findings-table .chain summary")[0] == "United States: applies (1)"


def test_covered_components_and_watched_are_lists_of_their_own(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["small"])
    assert browser.texts("#f-list option") == ["all", "components", "covered makers", "watched makers"]

    script = "const list = document.getElementById('f-list'); list.value = arguments[0];"
    browser.run(script + "list.dispatchEvent(new Event('input', { bubbles: true }))", "covered makers")

    assert len(browser.texts(ROWS)) == 3


def test_what_was_contacted_is_on_the_first_screen(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["small"])

    assert "This run records no scope" in browser.texts("section[aria-label=Counts]")[0]
    assert browser.texts("#coverage tbody tr td:first-child") == ["depot", "hq"]


def test_the_topology_unfolds_by_keyboard_and_reads_from_site_to_box(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["net"])
    assert len(browser.texts("#topology > details > summary")) == 3
    assert not any("depot-acc1-cam1" in text for text in browser.texts("#topology"))

    browser.type("#topology > details:first-of-type > summary", "\ue007")
    browser.type("#topology > details:first-of-type details:first-of-type > summary", "\ue007")

    shown = browser.texts("#topology > details:first-of-type")[0]
    assert shown.startswith("depot: 107 devices, 7 of them carry others, 21 of covered makers")
    assert "depot-acc1-cam20" in browser.run(
        "return document.querySelector('#topology details[open] details[open]').textContent"
    )
    assert browser.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def around(browser: Browser, kind: str = ":not(.number)") -> list[str]:
    """Return the names in the picture around one device, or the words beside them."""
    script = f"return [...document.querySelectorAll('#n-picture svg text{kind}')].map((one) => one.textContent)"
    words: list[str] = browser.run(script)
    return words


def test_a_reader_starts_from_one_device_by_keyboard_and_goes_some_cables_far(
    browser: Browser, pages: dict[str, Path]
) -> None:
    browser.open(pages["net"])
    browser.type("#n-start", "hq-acc1-cam7")
    assert around(browser)[:4] == ["hq-acc1-cam7", "hq-acc1", "hq-acc1-cam1", "hq-acc1-cam2"]
    near = len(around(browser))

    browser.type("#n-hops", "3")

    assert len(around(browser)) > near
    assert "hq-core1" in around(browser)
    assert browser.texts("#n-status") == ["hq-acc1-cam7 · hq: 26 within 3 cables."]
    assert any(note.startswith("on Gi1/0/5 · ") and "probable" in note for note in around(browser, ".number"))
    assert browser.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    browser.click("#around button[type=reset]")
    assert (around(browser), browser.run("return document.getElementById('n-hops').value")) == ([], "2")


def test_a_start_that_is_several_or_nobody_is_said(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["net"])
    browser.type("#n-start", "hq-acc1-cam")
    assert browser.texts("#n-status") == ["20 devices are meant; choose one of them."]
    assert browser.run("return document.querySelectorAll('#n-devices option').length") == 20

    browser.type("#n-start", "-nobody")

    assert browser.texts("#n-status") == ["No device with a cable is called so."]


def test_paper_has_every_box_of_the_topology_though_it_is_folded(
    browser: Browser, pages: dict[str, Path], tmp_path: Path
) -> None:
    browser.open(pages["net"])

    text = on_paper(browser.printed(), tmp_path)

    assert all(f"{site}-acc5-cam20" in text for site in ("hq", "plant", "depot"))
