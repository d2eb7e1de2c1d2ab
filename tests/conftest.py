"""What all tests share: an empty home, nobody's configuration, real parts demanded in CI."""

import itertools
import os
import sys

import pytest

from tests.tools.loopback import Withheld

# Some 170 commands run in processes of their own: none of them compiles again what an earlier one did.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


@pytest.fixture(scope="session", autouse=True)
def withheld():
    """Keep the ports of control systems from being played on."""
    withheld = Withheld()
    yield withheld
    withheld.close()


@pytest.fixture(scope="session")
def postgres():
    """Run a PostgreSQL server for the tests of a session."""
    from tests.tools import postgres as tool

    programs = tool.programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed; on Debian: apt install postgresql")
    with tool.server(programs) as server:
        yield server


@pytest.fixture(scope="session")
def homes(tmp_path_factory):
    """Number the homes of all tests.

    `mktemp` would look through every folder made so far to find the next number.
    """
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def nobodys_home(homes, monkeypatch):
    """Give every test an empty home: no cache and no setting of the user can decide it."""
    home = next(homes)
    home.mkdir()
    for name in [name for name in os.environ if name.startswith("AUDITOR_") and name != "AUDITOR_CORPUS"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(home))  # no test waits for another's packets
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "SOURCE_DATE_EPOCH"):
        monkeypatch.delenv(name, raising=False)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """Return two workers a core: half of the time a test waits for a device or a process."""
    return 2 * (os.cpu_count() or 1)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """Let each of several workers begin to collect elsewhere.

    In a fresh clone each compiles a share of the files, and finds what the others compiled.
    """
    report = yield
    worker, workers = (os.environ.get(f"PYTEST_XDIST_WORKER{name}", "") for name in ("", "_COUNT"))
    if worker and isinstance(collector, pytest.Directory):
        start = len(report.result) * int(worker.removeprefix("gw")) // int(workers)
        report.result = [*report.result[start:], *report.result[:start]]
    return report


def pytest_collection_modifyitems(items):
    """Begin with the files that hold slow tests, in one order in every worker.

    Of several workers none is left alone with one at the end.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, str(item.path)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """On a user's machine a missing program is a named skip.

    In CI, which installs them all, it is a failure.
    """
    report = yield
    if (
        report.skipped
        and os.environ.get("CI") == "true"
        and item.get_closest_marker("real")
        and not hasattr(report, "wasxfail")
    ):
        report.outcome = "failed"
        report.longrepr = f"a real part is missing in CI: {report.longrepr}"
    return report
