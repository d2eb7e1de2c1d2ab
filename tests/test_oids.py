"""Objects of the MIBs stand in one place, each once."""

import re
from collections import Counter
from pathlib import Path

from auditor import oids

HOUSE = Path(__file__).parent.parent / "auditor"
OID = re.compile(r"""["'](?:1\.3\.6|1\.0\.8802|1\.2\.840|1\.3\.111)\.[\d.]*["'{]""")


def test_no_other_module_spells_an_oid():
    files = [path for path in HOUSE.rglob("*.py") if path.name != "oids.py"]

    assert [str(path) for path in files if OID.search(path.read_text(encoding="utf-8"))] == []


def test_each_object_has_an_oid_of_its_own():
    assert [oid for oid, count in Counter(oids.NAMES.values()).items() if count > 1] == []
