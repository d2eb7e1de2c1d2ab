"""The configuration of the lab: `auditor.toml`, secrets in files, known_hosts, targets."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from auditor.lab.network import LabDevice, Network
from auditor.model import Credential

OWNER_ONLY = 0o600
FOLDER_MODE = 0o700


def parts(credential: Credential) -> tuple[str, ...]:
    """Return the secret parts a credential of this kind has."""
    if credential.kind == "snmp-v3":
        return tuple(f"{word}_secret" for word, used in (("auth", credential.auth), ("priv", credential.priv)) if used)
    return ("secret", "enable_secret") if credential.kind == "ssh" else ("secret",)


def write(folder: Path, network: Network, secrets: Mapping[tuple[str, str], str], known_hosts: str) -> Path:
    """Write what a scan needs below `folder` and return the path of `auditor.toml`."""
    secrets_folder = folder / "secrets"
    secrets_folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    for (name, part), secret in secrets.items():
        if name not in network.secret:
            _owner_only(secrets_folder / f"{name}.{part}", f"{secret}\n")
    (folder / "known_hosts").write_text(known_hosts, encoding="ascii")
    (folder / "targets.txt").write_text("".join(f"{line}\n" for line in targets(network)), encoding="ascii")
    path = folder / "auditor.toml"
    path.write_text("\n".join(_lines(network, secrets_folder)) + "\n", encoding="utf-8")
    path.chmod(OWNER_ONLY)
    return path


def targets(network: Network) -> list[str]:
    """Return the address of every device an audit sets out to read, silent ones included."""
    return [network.address(device) for device in network.devices]


def _owner_only(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w", encoding="ascii") as file:
        file.write(text)


def _lines(network: Network, secrets_folder: Path) -> list[str]:
    lines = ["# Written by the lab for this one run; every secret was drawn anew.", ""]
    lines += ["[limits]", "timeout = 0.6", "retries = 1"]
    for credential in network.credentials.values():
        if credential.name not in network.secret:
            lines += ["", f"[credential.{credential.name}]", *_credential(credential, secrets_folder)]
            lines.append(f"subnets = {json.dumps(_where(network, credential.name))}")
    for site in network.sites:
        ports = ", ".join(f"{name} = {port}" for name, port in network.ports.items())
        lines += [
            "",
            f"[site.{site.name}]",
            f"subnets = {json.dumps([f'{site.at}0/24'])}",
            f"credentials = {json.dumps([name for name in site.credentials if name not in network.secret])}",
            f"ports = {{ {ports} }}",
        ]
    return lines


def _credential(credential: Credential, secrets_folder: Path) -> list[str]:
    pairs = [("kind", credential.kind), ("user", credential.user), ("auth", credential.auth), ("priv", credential.priv)]
    lines = [f"{key} = {json.dumps(value)}" for key, value in pairs if value]
    for part in parts(credential):
        path = secrets_folder / f"{credential.name}.{part}"
        lines.append(f"{part} = {json.dumps(f'file:{path}')}")
    return lines


def _where(network: Network, name: str) -> list[str]:
    """Return the addresses a credential is tried at: where it fits, and where none does."""
    return [f"{network.address(device)}/32" for device in network.devices if _is_tried(device, name, network)]


def _is_tried(device: LabDevice, name: str, network: Network) -> bool:
    usable: Sequence[str] = [other for other in device.logins.values() if other not in network.secret]
    return name in usable or (not usable and name in network.site(device.site).credentials)
