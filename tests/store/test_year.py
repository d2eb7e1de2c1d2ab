"""A short year of two sites: every night tells what happened to each box, and nothing that did not.

Whole years and other seeds: `make year`.
"""

from tests.tools.kept_life import KeptLife
from tests.tools.nights import Year
from tests.tools.year import Nights, judges

ALL = {
    "new", "read now", "heard now", "silent", "unread", "gone", "back", "removed, seen again", "moved", "moved site",
    "renamed", "readdressed", "firmware", "changed: rules", "changed: law",
}  # fmt: skip


def test_every_night_tells_what_happened_and_nothing_else(tmp_path):
    nights = Nights(Year(seed=1, days=80), judges(tmp_path))
    assert nights.differences() == []
    assert nights.words.keys() == ALL


def test_a_store_tells_what_the_events_tell_in_memory(tmp_path):
    year = Nights(Year(seed=2, days=30), judges(tmp_path), lambda terms: KeptLife(tmp_path / "a.db", terms))
    assert year.differences() == []
