"""The pages as people meet them, at a desk and on a telephone: a real Chromium, axe-core, screenshots."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from auditor.run.evidence import attachments
from tests.tools.audits import audit
from tests.tools.browser import Browser
from tests.tools.npm import package
from tests.tools.pictures import photograph
from tests.tools.topologies import campus
from tests.tools.web_server import Served, keep_audit, served

pytestmark = pytest.mark.real
ARTEFACTS = Path(__file__).parents[2] / "artefacts" / "screenshots"
WIDTHS = (1440, 390)
PAGES = {
    "overview": "/", "sites": "/sites", "devices": "/devices", "device": "/devices/D-000001", "findings": "/findings",
    "due": "/due", "unread": "/unread", "removals": "/removals", "topology": "/topology?site=hq", "runs": "/runs",
    "run": "/runs/night1", "tokens": "/tokens", "failure": "/devices/D-999999", "enter": "/enter",
}  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("served") / "s.db"
    keep_audit(path, audit())
    keep_audit(path, campus(40), "night2", "2026-11-22T05:00:00Z")
    with served(path) as one:
        yield one


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, server: Served) -> Iterator[Browser]:
    for program in ("chromium", "chromedriver"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    one = Browser(tmp_path_factory.mktemp("profile"))
    one.open(f"http://127.0.0.1:{server.port}/enter?token={server.tokens['admin']}")
    one.click("button.main")
    yield one
    one.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_is_sound_for_those_who_cannot_see_it_and_fits_its_screen(
    browser: Browser, server: Served, width: int
) -> None:
    """Screenshots are kept under artefacts/screenshots for a person to look at."""
    script = (package("axe-core") / "axe.min.js").read_text(encoding="utf-8")
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    complaints = {}
    for name, path in PAGES.items():
        browser.open(f"http://127.0.0.1:{server.port}{path}", width=width, height=900, dark=name in {"due", "device"})
        browser.screenshot(ARTEFACTS / f"serve-{name}-{width}.png")
        faults = browser.run(script + ";return axe.run(document).then((result) => result.violations)")
        complaints[name] = [(one["id"], [node["html"][:100] for node in one["nodes"][:3]]) for one in faults]
        if not browser.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth"):
            complaints[name].append(("sticks out", []))
        words = [entry["message"] for entry in browser.log("browser") if "400 (Bad Request)" not in entry["message"]]
        complaints[name] += [(word, []) for word in words]
        assert browser.run("return innerWidth") == width

    assert {name: one for name, one in complaints.items() if one} == {}


def test_somebody_in_the_field_notes_a_step_and_attaches_a_photograph_from_a_telephone(
    browser: Browser, server: Served, tmp_path: Path
) -> None:
    picture = tmp_path / "shelf.jpg"
    picture.write_bytes(photograph())
    browser.open(f"http://127.0.0.1:{server.port}/removals?state=open", width=390, height=844)
    browser.click("td a")
    browser.await_texts("select[name=state]")
    number = browser.run("return location.pathname").rpartition("/")[2]

    browser.type("select[name=state]", "removed")
    browser.type("[aria-label='Note a step'] input[name=note]", "out of rack 4")
    browser.click("[aria-label='Note a step'] button")
    steps = browser.await_texts(".steps li")
    browser.type("input[type=file]", str(picture))
    browser.type("select[name=step]", "removed")
    browser.click("[aria-label='Attach a file'] button")

    assert len(steps) == 1
    assert "out of rack 4" in steps[0]
    assert "shelf.jpg" in browser.await_texts("#done")[0]
    (one,) = attachments(str(server.store), number)
    assert (one.who, one.step, one.left_out != "") == ("admin", "removed", True)
    browser.click(".files a")
    browser.await_texts("img")
    assert browser.run("return document.images.length") == 1


def test_what_is_under_way_is_asked_for_again_by_itself(browser: Browser, server: Served) -> None:
    browser.open(f"http://127.0.0.1:{server.port}/")
    journals = server.store.parent / "journals"
    journals.mkdir(exist_ok=True)
    (journals / "20261130T010203Z-beef.jsonl").write_text(json.dumps({}) + "\n", encoding="utf-8")

    text = browser.run("return again().then(() => document.getElementById('live').innerText)")

    assert "20261130T010203Z-beef" in text
