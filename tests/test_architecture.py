"""The map of the house: made from the code, and every file stands in it once."""

from tests.test_house import ROOT, modules
from tests.tools.architecture import PAGE, page


def test_the_drawing_is_what_the_code_says():
    text = PAGE.read_text(encoding="utf-8")

    assert page(text) == text, "run `make architecture`"


def test_every_file_stands_in_the_walk_once():
    text = PAGE.read_text(encoding="utf-8")

    counts = {str(path.relative_to(ROOT)): text.count(f"`{path.relative_to(ROOT)}`: ") for path in modules()}

    assert {name: count for name, count in counts.items() if count != 1} == {}
