"""The hub's certificate authority, in the folder of the runs: made when first asked for."""

from pathlib import Path

from auditor import ownership
from auditor.errors import OutputError
from auditor.hub.authority import Authority, new_authority
from auditor.run.home import data_home, now


def authority() -> Authority:
    """Return the authority of the hub on this machine; a new one where it has none yet."""
    key, certificate = (data_home() / "hub" / name for name in ("authority.key", "authority.pem"))
    if key.exists() and certificate.exists():
        return Authority(ownership.read(key), ownership.read(certificate))
    made = new_authority(now())
    # The certificate last: a key alone is no authority, and is replaced.
    write_private(key, made.key)
    write_private(certificate, made.certificate)
    return made


def write_server_files(hosts: tuple[str, ...], folder: Path) -> tuple[Path, ...]:
    """Write what a PostgreSQL of the hub shows and demands; return the files.

    They are its `ssl_key_file`, `ssl_cert_file` and `ssl_ca_file`.
    """
    mine = authority()
    pair = mine.server(hosts, now())
    contents = {"server.key": pair.key, "server.crt": pair.public, "root.crt": mine.certificate}
    files = {folder / name: content for name, content in contents.items()}
    for path, content in files.items():
        write_private(path, content)
    return tuple(files)


def write_private(path: Path, data: bytes) -> None:
    """Write a file and its folder, for their owner alone; `OutputError` where that fails."""
    try:
        ownership.make_folder(path.parent, 0o700)
        ownership.replace_file(path, data)
    except OSError as exc:
        raise OutputError(f"cannot be written: {exc.strerror}", where=str(path)) from None
