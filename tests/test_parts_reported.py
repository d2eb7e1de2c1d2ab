"""Every serial number and model a part says stands in the report, whoever made the part."""

from pathlib import Path

import pytest

from auditor import pipeline
from tests.tools.unreported import MODEL_KINDS, SERIAL_KINDS, audited, missing, records

SAMPLES = Path(__file__).parents[1] / "samples"


@pytest.fixture(scope="module")
def read():
    knowledge = pipeline.learn()
    files = sorted(path for path in SAMPLES.glob("*/*") if path.suffix in {".snmprec", ".cli"})
    items = list(records(files))
    return items, audited(items, knowledge), knowledge


def test_no_serial_number_of_our_samples_is_left_out(read):
    items, audit, knowledge = read

    assert missing(items, audit, SERIAL_KINDS, knowledge) == []


def test_no_model_of_a_part_is_left_out(read):
    items, audit, knowledge = read

    assert [fact for _, fact in missing(items, audit, MODEL_KINDS, knowledge) if fact.about] == []


def test_a_board_nobody_accuses_is_a_part(read):
    _, audit, _ = read
    boards = [part for item in audit.assets for part in item.asset.parts if not item.parts]

    assert len(boards) > 20
