"""The rules name recorded devices as well as the figures in tests/golden/quality.json."""

import pytest

from auditor.pipeline import learn
from auditor.rules.load import load
from auditor.rules.oui import Registry
from tests.tools.accuracy import Result, corpus, left_out, measure, right_model, worse
from tests.tools.walks import measure_walks

pytestmark = [
    pytest.mark.skipif(corpus() is None, reason="no corpus of recorded devices (AUDITOR_CORPUS)"),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def result() -> Result:
    folder = corpus()
    assert folder is not None
    return measure(folder, load(), Registry.load())


def test_nobody_is_accused_wrongly(result: Result) -> None:
    assert result.accused == []


def test_neighbours_never_flag_who_reported_them(result: Result) -> None:
    assert result.reporters_flagged == []
    assert result.neighbours > 0


def test_whole_recordings_are_named_as_well_and_accuse_nobody_wrongly() -> None:
    folder = corpus()
    assert folder is not None
    walked = measure_walks(folder, learn())

    assert (walked.accused, walked.missed) == ([], [])


def test_rules_accuse_nobody_wrongly_without_the_rules_of_a_familys_own_project() -> None:
    folder = corpus()
    assert folder is not None
    total = next(line for line in left_out(folder, load(), Registry.load()) if line.startswith("leave one"))

    assert total.endswith("wrongly accused 0")


def test_no_figure_falls_below_the_one_kept(result: Result) -> None:
    assert worse(result.figures()) == []


@pytest.mark.parametrize(
    ("said", "wanted", "right"),
    [
        ("S5720-28X", "S5720-28X", True),
        ("s5720 28x", "S5720-28X", True),
        ("S5720-28X-PWR", "S5720", True),
        ("S57", "S5720", False),
        ("", "S5720", False),
        ("S6720", "S5720", False),
    ],
)
def test_a_model_is_right_when_it_is_the_same_or_spelled_further(said, wanted, right):
    assert right_model(said, wanted) is right
