"""`auditor check`: every data file, ours or the user's, against what its sort demands."""

from pathlib import Path

import click

from auditor.cli.terminal import note, tell_line


@click.command("check")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def check_command(folder: Path | None) -> None:
    """Check every data file, those of FOLDER over the built-in ones; exits 4 where one is wrong.

    FOLDER is laid out as for --rules: vocabulary.toml, makers/, rebrands/, policies/, filings/, serials.toml,
    ports.toml, prices.csv …
    """
    from auditor.knowledge import SORTS, check, layers_of
    from auditor.lab.samples import home

    problems = check(layers_of(folder), home() if folder is None else None)
    for problem in problems:
        tell_line(str(problem))
    if problems:
        raise SystemExit(4)
    note(f"data files of {len(SORTS)} sorts keep every demand")
