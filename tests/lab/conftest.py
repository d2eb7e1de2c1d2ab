"""One lab for all tests of a file: the demo network on ports nobody else uses."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.lab import network as networks
from auditor.lab.play import play

SAMPLES = Path(__file__).parents[2] / "samples"


def elsewhere(network):
    """Return the network on other ports: a demo or test run beside it is not disturbed."""
    base = random.randrange(20_000, 32_000, 8)
    return replace(network, ports={name: base + at for at, name in enumerate(network.ports)})


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    network = elsewhere(networks.load(SAMPLES / "networks" / "demo.toml"))
    with play(network, SAMPLES, tmp_path_factory.mktemp("lab")) as playing:
        yield playing
