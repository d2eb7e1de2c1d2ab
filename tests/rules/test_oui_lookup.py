"""mac-vendor-lookup without its traps: neither a poisoned home folder nor the network."""

import asyncio
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from mac_vendor_lookup import InvalidMacError, VendorNotFoundError

from auditor.errors import UsageError
from auditor.rules.oui import Registry
from auditor.rules.oui_lookup import RegistryLookup

NO_NETWORK = """
import socket
def refuse(*_args, **_kwargs):
    raise SystemExit("the network was asked")
socket.getaddrinfo = refuse
socket.socket.connect = refuse
from auditor.rules.oui import Registry
from auditor.rules.oui_lookup import RegistryLookup
print(RegistryLookup(Registry.load()).find("00:e0:fc:00:00:01"))
"""


@pytest.fixture(scope="module")
def lookup() -> RegistryLookup:
    return RegistryLookup(Registry.load())


def test_a_poisoned_cache_in_the_home_folder_is_never_read(tmp_path: Path):
    cache = tmp_path / ".cache" / "mac-vendors.txt"
    cache.parent.mkdir()
    cache.write_text("00E0FC:TOTALLY LEGIT US VENDOR INC\n")
    env = os.environ | {"HOME": str(tmp_path)}

    process = subprocess.run([sys.executable, "-c", NO_NETWORK], env=env, capture_output=True, text=True, check=False)

    assert process.stdout == "HUAWEI TECHNOLOGIES CO.,LTD\n", process.stderr
    assert sorted(path.name for path in cache.parent.iterdir()) == ["mac-vendors.txt"]


def test_it_answers_inside_a_running_loop(lookup: RegistryLookup):
    assert asyncio.run(lookup.lookup("0:e0:fc:0:0:1")) == "HUAWEI TECHNOLOGIES CO.,LTD"


def test_a_block_smaller_than_24_bits_is_named(lookup: RegistryLookup):
    assert lookup.find("b0-b3-53-60-00-01") == "Hangzhou Hikrobot Technology Co., Ltd."


@pytest.mark.parametrize("text", ["+00e0fc", "00_e0_fc_00_00_01", "\u0660\u0660e0fc000001", "", "00e0fc"])
def test_what_is_no_mac_is_refused(lookup: RegistryLookup, text: str):
    with pytest.raises(InvalidMacError):
        lookup.find(text)


@pytest.mark.parametrize("text", ["00:00:00:00:00:00", "02:e0:fc:00:00:01", "01:e0:fc:00:00:01"])
def test_an_address_without_a_maker_is_not_found(lookup: RegistryLookup, text: str):
    with pytest.raises(VendorNotFoundError):
        lookup.find(text)


def test_it_refuses_to_download(lookup: RegistryLookup):
    with pytest.raises(UsageError, match="never downloaded"):
        asyncio.run(lookup.update_vendors())


def test_loading_reads_nothing(lookup: RegistryLookup):
    assert lookup.find_vendors_list() is None
    asyncio.run(lookup.load_vendors())
    assert lookup.prefixes is None


def test_it_is_as_old_as_the_registry(lookup: RegistryLookup):
    assert lookup.get_last_updated() == datetime.combine(lookup.registry.date, datetime.min.time())
