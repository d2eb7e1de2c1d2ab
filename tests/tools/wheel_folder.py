"""A folder of wheels for a machine without a network.

python -m tests.tools.wheel_folder FOLDER          write FOLDER/requirements.txt, every wheel by its hash
python -m tests.tools.wheel_folder --try FOLDER    install from it and run the demo (see `make offline`)
"""

import hashlib
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

LISTED = "requirements.txt"


def lines(folder: Path) -> list[str]:
    """Return a requirement for each wheel: name, version and the SHA-256 of the very file."""
    wheels = sorted(folder.glob("*.whl"))
    if not wheels:
        raise SystemExit(f"{folder}: no wheels in it")
    return [
        f"{name.replace('_', '-')}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
        for wheel in wheels
        for name, version in (wheel.name.split("-")[:2],)
    ]


def install(folder: Path, home: Path) -> Path:
    """Install from the folder alone into a new environment; return its `auditor`."""
    venv.create(home, with_pip=True)
    words = ["install", "-q", "--no-index", "--find-links", folder, "--require-hashes", "-r", folder / LISTED]
    # No setting of this machine (a mirror, a cache, a folder of wheels) may help.
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(home), "PIP_CONFIG_FILE": "/dev/null", "PIP_NO_CACHE_DIR": "1"}
    subprocess.run([home / "bin/python", "-m", "pip", "--disable-pip-version-check", *words], check=True, env=clean)
    return home / "bin/auditor"


def main() -> int:
    """Write the list, or try the folder."""
    *options, name = sys.argv[1:]
    folder = Path(name).resolve()
    if "--try" not in options:
        (folder / LISTED).write_text("".join(lines(folder)), encoding="utf-8")
        return 0
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        program = install(folder, Path(place, "venv"))
        done = subprocess.run([program, "demo", "--output", Path(place, "demo")], check=False)
        sys.stdout.write(f"installed {len(lines(folder))} packages without a network; demo: exit {done.returncode}\n")
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
