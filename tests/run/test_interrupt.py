"""A run that is told to stop ends with its own exit code, wherever it is just then."""

import signal
import subprocess
import sys

import pytest

PROGRAM = """
import os, sys
from auditor.cli.exits import exit_code_of
from auditor.run.interrupt import stoppable

def work():
    with stoppable():
        {stop}

sys.exit(exit_code_of(work))
"""
STOP = "os.kill(os.getpid(), {}); [number for number in range(1_000_000)]"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("place", ["{}", "exec({!r})"], ids=["in code", "in a text being executed, as imports do"])
def test_a_signal_ends_a_run_with_130(number, place, tmp_path):
    stop = place.format(STOP.format(int(number)))
    (tmp_path / "stopped.py").write_text(PROGRAM.format(stop=stop))
    # As `python -m auditor` runs: only a module ends by the signal in place of its exit code.
    command = [sys.executable, "-m", "stopped"]
    process = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert (process.returncode, process.stderr) == (
        130,
        "\nauditor: stopping; once more to end at once\nauditor: interrupted\n",
    )
