"""In a drawn campus and a rural carrier each device is one asset, on its port, never wrong and sure."""

import pytest

from tests.tools.drawn_networks import FILES, FOLDER, as_toml
from tests.tools.network_score import COMBINED, DRAW, VARIANTS, faults, readings, score


@pytest.mark.parametrize(("seed", "title"), list(enumerate(VARIANTS)), ids=list(VARIANTS))
@pytest.mark.parametrize("name", DRAW)
def test_each_device_is_one_asset_on_its_port_and_nothing_is_wrong_and_sure(name, seed, title):
    assert faults(score(readings(name, seed), VARIANTS[title], seed)) == []


@pytest.mark.parametrize(("seed", "title"), list(enumerate(COMBINED)), ids=list(COMBINED))
@pytest.mark.parametrize("name", DRAW)
def test_of_several_faults_at_once_nothing_is_wrong_and_sure(name, seed, title):
    assert faults(score(readings(name, seed), COMBINED[title], seed), single=False) == []


@pytest.mark.parametrize("name", FILES)
def test_the_networks_to_play_are_those_that_are_drawn(name):
    draw, head = FILES[name]

    assert (FOLDER / f"{name}.toml").read_text(encoding="utf-8") == as_toml(draw(0), head)
