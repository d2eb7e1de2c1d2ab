"""Files that run the scan every night, for cron, systemd, Docker or many sites."""

import json
import os
import shlex
from collections.abc import Iterable, Sequence
from importlib import resources
from pathlib import Path

from auditor.errors import OutputError, UsageError
from auditor.run.configuration import configuration
from auditor.targets.config import Config

FILES = {
    "cron": ("auditor.cron",),
    "systemd": ("auditor.service", "auditor.timer", "auditor.conf"),
    "docker": ("Dockerfile", "compose.yaml"),
    "hub": ("auditor-hub.service", "auditor-join.service", "auditor-worker@.service", "hardened.conf", "auditor.conf"),
}
PROGRAM = "/usr/local/bin/auditor"
CONFIG = "/etc/auditor/auditor.toml"
STORE = "/var/lib/auditor"
SECRETS = "/etc/auditor/secrets"
WORDS = (
    *("--config", CONFIG, "scan", "--fail-on", "new", "--store", f"{STORE}/auditor.db"),
    *("--output", f"{STORE}/reports/", "--stable", "--format", "html", "--format", "json", "--format", "prometheus"),
    "--no-progress",
)
# A hub's store is PostgreSQL's, on the same machine unless its units are edited.
HUB_STORE = "postgresql:///auditor"
HUB_WORDS = {
    "schedule": ("hub", "schedule", "30 2 * * *", "--store", HUB_STORE, *WORDS[WORDS.index("--output") :]),
    "listen": ("hub", "listen", "%H", "--bind", "0.0.0.0", "--store", HUB_STORE),  # noqa: S104 - sites dial in
    "worker": ("worker", "run", "--site", "%i", "--log-format", "json"),
}
FOLDER_MODE, FILE_MODE = 0o755, 0o644


def deploy(kind: str, folder: Path, program: str, config: str) -> list[Path]:
    """Write the files of one kind into a folder, over nothing that is there, and return them.

    The secrets are those that the configuration in force calls `systemd:NAME`.
    """
    if not program.startswith("/"):
        raise UsageError(f"'{program}' is no absolute path", where="--program")
    texts = {folder / name: _text(name, program, secrets(configuration(config))) for name in FILES[kind]}
    for path in texts:
        if path.exists() or path.is_symlink():
            raise UsageError(
                "is there already and is not written over; move it, or name another folder", where=str(path)
            )
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        for path, text in texts.items():
            write_new(path, text, FILE_MODE)
    except OSError as exc:
        raise OutputError(f"cannot be written: {exc.strerror}", where=str(exc.filename or folder)) from None
    return list(texts)


def write_new(path: Path, text: str, mode: int) -> None:
    """Write a file that must not be there yet, with its mode from the first moment."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def secrets(config: Config) -> list[str]:
    """Return the names of the secrets that systemd, or a container, is to hand over."""
    sources = (source for entry in config.credentials.values() for source in entry.sources.values())
    return sorted({source.rest for source in sources if source.scheme == "systemd"})


def _text(name: str, program: str, names: Sequence[str]) -> str:
    text = resources.files("auditor.run").joinpath("templates", name).read_text(encoding="utf-8")
    parts = {
        "scan": shlex.join((program, *WORDS)).replace("%", "%%" if name.endswith(".service") else "\\%"),
        "words": json.dumps(["auditor", *WORDS]),
        "credentials": "\n".join(_credentials(names)),
        "secrets": "\n".join(_compose(names)),
    }
    for word, words in HUB_WORDS.items():
        # %H and %i are systemd's own: the machine's name, the site's.
        parts[word] = shlex.join((program.replace("%", "%%"), "--config", CONFIG, *words))
    for word, value in parts.items():
        text = text.replace(f"@{word}@", value)
    return text


def _credentials(names: Sequence[str]) -> Iterable[str]:
    lines = [f"LoadCredential={name}:{SECRETS}/{name}" for name in names]
    return lines or [f"#LoadCredential=snmp-auth:{SECRETS}/snmp-auth"]


def _compose(names: Sequence[str]) -> Iterable[str]:
    """Yield the secrets of a service and where they come from, as Compose has them."""
    if not names:
        return ["    # secrets: [snmp-auth]", "# secrets:", "#   snmp-auth: {file: ./secrets/snmp-auth}"]
    sources = [f"  {json.dumps(name)}: {{file: {json.dumps(f'./secrets/{name}')}}}" for name in names]
    return [f"    secrets: {json.dumps(names)}", "secrets:", *sources]
