"""The files of `docs/deploy`: what `auditor init` writes on a machine without a configuration.

`make docs` writes them anew.
"""

import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile

from auditor.run.deploy import FILES, PROGRAM, deploy

DOCS = Path(__file__).parents[2] / "docs" / "deploy"


def written(folder: Path) -> dict[Path, bytes]:
    """Write the files below a folder without a configuration; return them by their places there."""
    with NamedTemporaryFile(suffix=".toml") as empty:
        paths = [path for kind in FILES for path in deploy(kind, folder / kind, PROGRAM, empty.name)]
    return {path.relative_to(folder): path.read_bytes() for path in paths}


def refresh() -> None:
    """Write the files of the documentation anew."""
    shutil.rmtree(DOCS, ignore_errors=True)
    written(DOCS)
