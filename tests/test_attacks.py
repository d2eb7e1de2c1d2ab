"""What `make attack`, `make soak` and `make faults` rest on: tests, guards, and figures that nobody typed."""

import ast
from queue import SimpleQueue

import pytest

from tests.tools import attack, faults, figures, hub_demo, kills, soak
from tests.tools.attack import Attack, Edit
from tests.tools.figures import Figure
from tests.tools.kills import Result
from tests.tools.promises import Promise
from tests.tools.soak import Sample

BOUNDARIES = {
    "device", "neighbour", "file", "configuration", "store", "terminal", "network path", "insider", "hub",
}  # fmt: skip


def test_every_boundary_is_attacked_in_eight_ways_at_least():
    names = [one.boundary for one in attack.attacks()]

    assert set(names) == BOUNDARIES
    assert min(map(names.count, BOUNDARIES)) >= 8


def test_every_attack_has_its_test_and_every_guard_stands_where_it_is_named():
    functions = {}
    for one in attack.attacks():
        path, _, function = one.test.partition("::")
        if path not in functions:
            tree = ast.parse((attack.ROOT / path).read_text(encoding="utf-8"))
            functions[path] = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert function in functions[path], f"{one.name}: no test {one.test}"
        for edit in one.guard:
            count = (attack.ROOT / edit.file).read_text(encoding="utf-8").count(edit.was)
            assert count == 1, f"{one.name}: its guard stands {count} times in {edit.file}: {edit.was}"
            assert edit.was != edit.without


def test_the_page_of_attacks_is_what_is_tried():
    assert attack.PAGE.read_text(encoding="utf-8") == attack.page(), "run `python -m tests.tools.attack --write`"


@pytest.fixture
def house(tmp_path):
    """Make a house with one guard and the test that attacks it."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "door.py").write_text("def enter(word):\n    if word != 'friend':\n        raise ValueError\n")
    (tmp_path / "tests" / "test_door.py").write_text(
        "import pytest\nfrom door import enter\ndef test_a_foe_stays_outside():\n"
        "    with pytest.raises(ValueError):\n        enter('foe')\n"
    )
    return tmp_path


def assault(was="if word != 'friend':", without="if not word:", test="test_a_foe_stays_outside"):
    guard = (Edit(file="door.py", was=was, without=without),)
    return Attack(boundary="door", name="a foe", outcome="outside", test=f"tests/test_door.py::{test}", guard=guard)


def test_an_attack_that_is_held_off_is_told_from_one_that_comes_through(house):
    (held,) = attack.tried([assault()], house).values()
    (house / "door.py").write_text("def enter(word):\n    pass\n")
    (through,) = attack.tried([assault()], house).values()

    assert (held.attempts, held.through) == (1, ())
    assert (through.attempts, len(through.through)) == (1, 1)


def test_a_guard_bites_only_where_the_attack_succeeds_without_it(house):
    houses, whole = SimpleQueue(), (house / "door.py").read_text()
    houses.put(house)

    assert attack.unguarded(assault(), houses) == ""
    assert "1 passed" in attack.unguarded(assault(without="if word == 'foe':"), houses)
    assert "stands 0 times" in attack.unguarded(assault(was="if nobody:"), houses)
    # What cannot even be loaded is no attack that succeeded.
    assert "error" in attack.unguarded(assault(without="if"), houses)
    assert (house / "door.py").read_text() == whole


# ── the figures ────────────────────


def figure(text, *, held=True):
    return Figure(target="kills", figure=text, held=held, day="2026-11-30", version="0.7.0")


def test_the_last_column_is_what_a_target_measured_last():
    page = "before\n| R4 | walks | end | `make faults` | typed |\n| R5 | runs | 50 | `make kills` | old |\n"

    drawn = figures.table(page, {"R5": [figure("50 of 50"), figure("49 of 50", held=False)]})

    assert drawn.splitlines()[:2] == page.splitlines()[:2]
    assert drawn.splitlines()[2] == (
        "| R5 | runs | 50 | `make kills` | 50 of 50 (2026-11-30, 0.7.0, `make kills`); "
        "49 of 50 (2026-11-30, 0.7.0, `make kills`, NOT HELD) |"
    )


def test_the_promises_show_the_figures_that_are_kept():
    page = figures.TABLE.read_text(encoding="utf-8")

    assert figures.table(page, figures.kept()) == page, "run `python -m tests.tools.figures`"
    assert set(faults.ROWS) <= {line.split(" | ")[0].removeprefix("| ") for line in page.splitlines()}


def test_every_row_is_told_as_held_or_not_and_a_figure_nobody_kept_as_not():
    measures = [Promise("R1", "", "10 of 10", kept=True), Promise("R1", "", "1 thread left", kept=False)]
    rows = {row.number: row for row in faults.summary([*measures, Promise("R14", "", "no", kept=True, measured=False)])}

    assert tuple(rows) == faults.ROWS
    assert (rows["R1"].kept, rows["R1"].figure) == (False, "10 of 10; 1 thread left")
    assert not rows["R14"].measured
    for number, target in faults.LONGER.items():
        kept = figures.kept().get(number)
        assert rows[number].kept == (bool(kept) and all(one.held for one in kept))
        assert kept or f"make {target}" in rows[number].figure


def test_kills_are_summed_by_promise():
    results = [Result("R5", "SIGKILL", 25, 0), Result("R5", "journals cut", 20, 1), Result("R7", "pairs", 100, 0)]

    assert kills.summed("R5", results) == ("44 of 45 as promised: 25 SIGKILL, 20 journals cut", False)
    assert kills.summed("R7", results) == ("100 of 100 as promised: 100 pairs", True)
    assert kills.Counts(49, 100, 7, 20).whole() == {"R5": False, "R6": False, "R7": True}


@pytest.mark.parametrize(("waits", "lost", "held"), [([0.5, 6.9], 0, 1), ([0.5, 7.1], 0, 0), ([0.5], 1, 0)])
def test_a_run_that_goes_on_too_late_or_lost_a_row_does_not_hold(waits, lost, held, capsys):
    assert hub_demo.conclude(waits, 65, lost, 0, is_whole=False) == 1 - held
    assert ("not held" in capsys.readouterr().out) == (not held)


# ── the soak ────────────────────


def rounds(**grows):
    """Return twenty rounds; what is named grows by so much each round after the third."""
    steady = {"memory": 200.0, "files": 3, "threads": 1, "store": 500_000, "journals": 9_000}
    for number in range(20):
        late = max(0, number - 3)
        cells = {name: value + grows.get(name, 0) * late for name, value in steady.items()}
        cells["store"] += 4096 * number
        yield Sample(minutes=number, code=3, **cells)


def test_a_steady_process_holds():
    assert soak.broken(list(rounds())) == []


@pytest.mark.parametrize(
    ("grows", "told"),
    [({"files": 1}, "files: 3"), ({"threads": 1}, "threads: 1"), ({"memory": 2}, "memory grew by")],
    ids=["files", "threads", "memory"],
)
def test_what_grows_after_the_third_round_is_told(grows, told):
    (line,) = soak.broken(list(rounds(**grows)))

    assert line.startswith(told)


def test_a_night_that_takes_more_and_more_of_the_store_is_told_and_so_is_one_that_ends_badly():
    samples = [*rounds()]
    swollen = [Sample(**{**_cells(one), "store": one.store + 900 * number**2}) for number, one in enumerate(samples)]
    ended = [Sample(**{**_cells(one), "code": 70 if number == 4 else 3}) for number, one in enumerate(samples)]

    assert [line.partition(":")[0] for line in soak.broken(swollen)] == ["store"]
    assert soak.broken(ended) == ["round 5 ended with 70"]


def _cells(one):
    return {name: getattr(one, name) for name in one.__dataclass_fields__}
