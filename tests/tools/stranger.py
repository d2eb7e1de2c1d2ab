"""A stranger's first ten minutes: README and tutorial followed to the letter, every output compared, every step timed.

    python -m tests.tools.stranger     `make stranger`; needs git, make, a python3 with venv, and PyPI or its mirror

The repository is cloned as it is committed, into an empty home, for an account of its own where root runs this; on PATH
are python3, make, git and the usual small programs, nothing else. Then a network is played as the stranger's own.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp

from tests.tools import doc_blocks

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = 64_123
PAGES = ("README.md", "docs/tutorial.md")
PROGRAMS = ("python3", "make", "git")
# What a shell and the recipes of make call by name.
USUAL = """sh bash env cat cp mv rm mkdir touch ls chmod head tail grep sed expand printf true false test dirname
basename uname id sort tr cut wc date sleep ln mktemp""".split()  # noqa: SIM905 - a list of thirty quoted words reads worse
SYSTEM = "/usr/bin:/bin:/usr/sbin:/sbin"
FIRST_FINDING, OWN_CONFIG = 180.0, 120.0

Runs = Callable[[str, Path], tuple[int, str, float]]

PLAYED = """
import sys, time
from pathlib import Path
from auditor.lab import network
from auditor.lab.play import play
from auditor.lab.samples import home
with play(network.load(home() / "networks" / "demo.toml"), home(), Path(sys.argv[1])) as lab:
    box = lab.endpoints[0]
    community = lab.secrets["access", "secret"]
    Path(sys.argv[1], "ready").write_text(f"{community} {box.ports['snmp']}")
    time.sleep(600)
"""


def account(home: Path) -> Runs:
    """Return what runs a shell's commands as the stranger: exit code, output, seconds."""
    programs = home / "programs"
    programs.mkdir()
    for name in (*PROGRAMS, *USUAL):
        if place := shutil.which(name, path=SYSTEM):
            (programs / name).symlink_to(place)
    mirror = {key: value for key, value in os.environ.items() if key.startswith("PIP_")}
    settings = {"HOME": str(home), "PATH": str(programs), "LANG": "C.UTF-8", **mirror}
    other = {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}
    if other:
        os.chown(home, ACCOUNT, ACCOUNT)

    def run(command: str, folder: Path) -> tuple[int, str, float]:
        start = time.monotonic()
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=folder, env=settings, check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900, **other,
        )  # fmt: skip
        return done.returncode, done.stdout.decode(errors="replace"), time.monotonic() - start

    return run


def follow(page: Path, run: Runs, clone: Path) -> Iterator[tuple[bool, str, float]]:
    """Run what a page shows, in order; yield whether it printed what the page says, what was run, seconds."""
    for step in doc_blocks.steps(page):
        if isinstance(step, str):
            (clone / "auditor.toml").write_text(step, encoding="utf-8")
            continue
        _, output, seconds = run(step.command, clone)
        good = step.fits(output)
        yield good, f"{page.name}: $ {step.command}" + ("" if good else f"\nprinted:\n{output}"), seconds


def own_network(run: Runs, clone: Path, home: Path) -> Iterator[tuple[bool, str, float]]:
    """Play a network as the stranger's own, write its configuration by `init`, scan it."""
    work = home / "lab"
    _, _, _ = run(f"mkdir {work}", home)
    script = home / "played.py"
    script.write_text(PLAYED, encoding="ascii")
    _, _, _ = run(f".venv/bin/python {script} {work} > {work}/log 2>&1 & echo $! > {work}/pid", clone)
    try:
        start = time.monotonic()
        while not (work / "ready").exists() and time.monotonic() - start < 60:
            time.sleep(0.2)
        community, port = (work / "ready").read_text().split()
        init = "init --yes --site office --subnet 127.0.60.0/28 --snmp v2c --secrets env -o own.toml"
        code, output, seconds = run(f".venv/bin/auditor {init}", clone)
        yield code == 0 and seconds < OWN_CONFIG, f"auditor {init}", seconds
        words = f"--config own.toml scan --port snmp={port} --no-progress --store none --fail-on never"
        _, output, more = run(f"SNMP_COMMUNITY={community} .venv/bin/auditor {words}", clone)
        good = "confirmed" in output and seconds + more < FIRST_FINDING
        yield good, f"auditor {words}: first finding" + ("" if good else f"\nprinted:\n{output}"), seconds + more
    finally:
        run(f"kill $(cat {work}/pid)", clone)


def main() -> int:
    """Print each step with yes or no and its seconds."""
    home = Path(mkdtemp(prefix="auditor-stranger-"))
    faults, whole = 0, time.monotonic()
    try:
        run, clone = account(home), home / "auditor"
        start = time.monotonic()
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", ROOT, clone], check=True)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", f"{ACCOUNT}:{ACCOUNT}", clone], check=True)
        steps = [iter([(True, "git clone", time.monotonic() - start)])]
        steps += [follow(clone / page, run, clone) for page in PAGES] + [own_network(run, clone, home)]
        for good, words, took in (step for part in steps for step in part):
            faults += not good
            sys.stdout.write(f"{'yes' if good else 'NO '} {took:6.1f} s  {words}\n")
            sys.stdout.flush()
    finally:
        shutil.rmtree(home, ignore_errors=True)
    sys.stdout.write(f"{faults} steps were not as shown; {time.monotonic() - whole:.0f} s in all\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
