"""A release, as far as it goes without publishing anything: built twice, listed, summed, tried.

    python -m tests.tools.release [--pythons] [FOLDER]      `make release` calls it with dist/

Writes wheel, sdist, bill of materials (CycloneDX 1.5) and SHA256SUMS. The tag is printed and never set. With
`--pythons` the wheel is installed and its demo played under every Python found; the others are named.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from auditor.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
MINORS = range(11, 16)
SECTIONS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
# What a user notices a change of.
SHIPPED = ("auditor", "oui_rules")

Line = tuple[bool, str]


def output(*words: str | Path, cwd: Path = ROOT, **settings) -> str:
    """Return what a program prints; one that fails raises."""
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=True, **settings).stdout.strip()


def environment() -> dict[str, str]:
    """Return the environment of a build: times in archives are the newest commit's."""
    return {**os.environ, "SOURCE_DATE_EPOCH": output("git", "log", "-1", "--format=%ct")}


def build(folder: Path) -> dict[str, str]:
    """Build wheel and sdist into a folder; return the SHA-256 of each by name."""
    folder.mkdir(parents=True, exist_ok=True)
    output(sys.executable, "-m", "hatchling", "build", "-d", folder, env=environment())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def built(folder: Path) -> Iterator[Line]:
    """Build twice, in two folders, and compare; what comes out stays in the first."""
    with TemporaryDirectory() as second:
        one, two = build(folder), build(Path(second))
    for name, digest in one.items():
        yield two.get(name) == digest, f"{name}: the same bytes twice, {digest[:16]}…"


def listed(folder: Path) -> Iterator[Line]:
    """Write the bill of materials and the checksums."""
    bill = folder / "sbom.cdx.json"
    words = ("export", "-q", "--no-dev", "--frozen", "--format", "cyclonedx1.5", "-o", bill)
    output(_uv(), *words)
    count = bill.read_text(encoding="utf-8").count('"bom-ref"')
    yield count > len(SECTIONS), f"{bill.name}: {count} components"
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "SHA256SUMS")
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="ascii")
    checked = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=folder, check=False)
    yield checked.returncode == 0, f"SHA256SUMS: {len(sums)} files, checked by sha256sum"


def changelog(text: str, version: str) -> Iterator[Line]:
    """Check the newest entry of a changelog: its version, its sections, an item in each."""
    newest = re.split(r"(?m)^## ", text)[1:2]
    head, _, body = (newest[0] if newest else "").partition("\n")
    yield head.strip().strip("[]").split("]")[0].split(" ")[0] == version, f"CHANGELOG: begins with {head.strip()}"
    sections = re.findall(r"(?ms)^### (.+?)$(.*?)(?=^### |\Z)", body)
    strange = [name for name, items in sections if name not in SECTIONS or not re.search(r"(?m)^- \S", items)]
    yield (
        bool(sections) and not strange,
        f"CHANGELOG: {', '.join(name for name, _ in sections)}"
        + (f"; empty or unknown: {', '.join(strange)}" if strange else ""),
    )


def unmentioned() -> list[str]:
    """Return the subjects of commits on what is shipped since the changelog was last written."""
    last = output("git", "log", "-1", "--format=%H", "--", "CHANGELOG.md")
    return output("git", "log", "--no-merges", "--format=%s", f"{last}..HEAD", "--", *SHIPPED).splitlines()


def pythons() -> dict[int, str]:
    """Return the Pythons of this machine by their minor version: on PATH, and those of pyenv."""
    places = {}
    for minor in MINORS:
        versions = sorted(Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python"))
        program = str(versions[-1]) if versions else shutil.which(f"python3.{minor}")
        if program:
            places[minor] = program
    return places


def tried(wheel: Path) -> Iterator[Line]:
    """Install the wheel under each Python found, by hash, and play its demo; name the others."""
    places, stated = pythons(), classifiers()
    for minor, program in places.items():
        start = time.monotonic()
        with TemporaryDirectory() as name:
            verdict = _demo(program, wheel, Path(name))
        yield "Huawei" in verdict, f"Python 3.{minor}: installed, demo played, {time.monotonic() - start:.0f} s"
    absent = [minor for minor in MINORS if minor not in places]
    yield True, "not run, not found here: " + ", ".join(f"Python 3.{minor}" for minor in absent)
    yield stated == set(places), f"classifiers: {', '.join(f'3.{minor}' for minor in sorted(stated))}, as was run"


def _demo(program: str, wheel: Path, folder: Path) -> str:
    python = str(folder / "v" / "bin" / "python")
    output(_uv(), "venv", "-q", "--python", program, folder / "v")
    output(_uv(), "pip", "install", "-q", "--python", python, "--require-hashes", "-r", ROOT / "requirements.lock")
    output(_uv(), "pip", "install", "-q", "--python", python, "--no-deps", wheel)
    return output(folder / "v" / "bin" / "auditor", "demo", "-q", "-o", "demo", cwd=folder)


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.is_file() else shutil.which("uv") or "uv"


def classifiers() -> set[int]:
    """Return the minor versions of Python that the package says it runs on."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    return {int(minor) for minor in re.findall(r'"Programming Language :: Python :: 3\.(\d+)"', text)}


def release(folder: Path, *, every_python: bool) -> Iterator[Line]:
    """Yield what was looked at: whether it is as it should be, and what it was."""
    changes = output("git", "status", "--porcelain")
    yield not changes, f"working tree: {len(changes.splitlines()) or 'no'} files are not committed"
    yield from changelog((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), VERSION)
    missing = unmentioned()
    yield not missing, f"CHANGELOG: {len(missing) or 'no'} changes of what is shipped came after it was last written"
    for subject in missing:
        yield True, f"    {subject}"
    shutil.rmtree(folder, ignore_errors=True)
    yield from built(folder)
    yield from listed(folder)
    if every_python:
        yield from tried(next(folder.glob("*.whl")))


def main(words: list[str]) -> int:
    """Print each line with yes or no, then the command that sets the tag."""
    places = [word for word in words if not word.startswith("-")]
    folder = Path(places[0] if places else "dist")
    faults = 0
    for good, line in release(folder, every_python="--pythons" in words):
        faults += not good
        print(line if line.startswith(" ") else f"{'yes' if good else 'NO ':3} {line}", flush=True)  # noqa: T201 - the point of it
    head = output("git", "rev-parse", "--short", "HEAD")
    print(f"tag, to be set by whoever releases: git tag -s v{VERSION} -m 'auditor {VERSION}' {head}")  # noqa: T201
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
