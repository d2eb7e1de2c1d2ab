"""Where tests find packages of npm.

In `NODE_PATH`, as node itself does, else where `npm install --global` puts them.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def package(name: str) -> Path:
    """Return the folder of an npm package, or skip the test by name."""
    roots = [Path(root) for root in os.environ.get("NODE_PATH", "").split(os.pathsep) if root]
    if shutil.which("npm"):
        done = subprocess.run(["npm", "root", "--global"], capture_output=True, text=True, check=False)
        roots.append(Path(done.stdout.strip()))
    for root in roots:
        if (root / name).is_dir():
            return root / name
    pytest.skip(f"npm package {name} is not installed (npm install --global {name}, or set NODE_PATH)")
