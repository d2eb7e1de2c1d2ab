"""A few nights of two played sites, really scanned; thirty of them: `make nights`."""

from tests.tools.lab_nights import LabNights, LabYear


def test_every_scan_tells_what_was_done_to_the_lab_and_nothing_else(tmp_path):
    nights = LabNights(LabYear(seed=4), tmp_path)

    assert nights.differences(4) == []
    assert {"new", "silent"} < nights.words.keys()
