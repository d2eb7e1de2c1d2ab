"""`auditor completion`: what a shell needs to complete commands, options and values."""

import os
from pathlib import Path

import click

from auditor.cli.terminal import emit, warn

VARIABLE = "_AUDITOR_COMPLETE"
# Where each shell looks by itself for a user's own completions, below the home folder.
PLACES = {
    "bash": ".local/share/bash-completion/completions/auditor",
    "zsh": ".local/share/zsh/site-functions/_auditor",
    "fish": ".config/fish/completions/auditor.fish",
}
NEXT = {
    "bash": "open a new shell (the package bash-completion must be installed)",
    "zsh": "put 'fpath=(~/.local/share/zsh/site-functions $fpath)' before 'compinit' in ~/.zshrc, then a new shell",
    "fish": "open a new shell",
}


def _own_shell() -> str:
    name = Path(os.environ.get("SHELL", "")).name
    if name not in PLACES:
        raise click.UsageError(f"name your shell: {', '.join(PLACES)}")
    return name


@click.command("completion", short_help="Complete commands, options and values with the Tab key.")
@click.argument("shell", required=False, type=click.Choice(list(PLACES)))
@click.option("--install", is_flag=True, help="Write it where the shell looks for it, below your home folder.")
def completion_command(shell: str | None, *, install: bool) -> None:
    """Print what SHELL (bash, zsh, fish) needs to complete what is typed.

    Without SHELL it is yours. Commands, options, reports, policies, credentials, sites, filings and stored runs are
    completed, as they are that day.
    """
    from click.shell_completion import get_completion_class

    from auditor.store.files import write

    name = shell or _own_shell()
    sort = get_completion_class(name)
    if sort is None:
        raise click.UsageError(f"no completion for {name}")
    script = sort(click.get_current_context().find_root().command, {}, "auditor", VARIABLE).source()
    if not install:
        emit(script, nl=True)
        return
    path = Path.home() / PLACES[name]
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, script.encode())
    warn(f"wrote {path}; {NEXT[name]}")
