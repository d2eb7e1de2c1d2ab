"""Every row comes out as a device, a line that says why not, or unread."""

import pytest

from auditor.imports.cells import address_of, day_of, is_mac, macs_of
from auditor.imports.registry import read
from auditor.model import Observation, Unread


def devices(records):
    """Return each device as the facts it says by kind; of several of one kind all of them."""
    found = []
    for record in records:
        if isinstance(record, Observation):
            said = {}
            for fact in record.facts:
                said.setdefault(fact.kind.partition(".")[2], []).append(fact.value)
            found.append((record.target.address, said))
    return found


def told(file, words):
    return any(words in text for text in file.warnings)


def test_a_row_that_holds_a_model_alone_is_a_device(file):
    found = devices(read(file("a.csv", "Model,Firmware,Notes\nDS-7616NI-K2,V4.30,\nIPC-HFW2431S,,\n")))

    assert [said["model"] for _label, said in found] == [["DS-7616NI-K2"], ["IPC-HFW2431S"]]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Total,12,,", "line 3 sums up others"),
        ("合计:3,,,", "line 3 sums up others"),
        ("Gesamt,2,,", "line 3 sums up others"),
        ("Building North,,,", "line 3 holds a single cell"),
        ("Name,IP,Model,Colour", "line 3 repeats the titles"),
        (",,,red", "line 3 says nothing in a column this tool knows"),
        ("n/a,[n/s],k.A.,", "line 3 says nothing in a column this tool knows"),
    ],
)
def test_a_row_that_is_no_device_is_told_with_the_reason(file, line, reason):
    found = devices(read(file("a.csv", f"Name,IP,Model,Colour\ncore,192.0.2.1,X1,\n{line}\n")))

    assert [label for label, _said in found] == ["192.0.2.1"]
    assert told(file, reason)


def test_the_same_reason_is_told_once_with_its_rows(file):
    list(read(file("a.csv", "Name,IP,Model\nTotal,1,\ncore,192.0.2.1,X1\nTotal,1,\nSum,2,\n")))

    (told,) = (text for text in file.warnings if "sums up" in text)
    more = "so it is with 2 more: row 4, row 5"
    assert told == f"{file('a.csv', '').path}: line 2 sums up others and is no device, passed over; {more}"


def test_a_lone_host_name_is_a_device_nobody_knows_anything_of(file):
    found = devices(read(file("a.csv", "Name,IP,Model\ncore-9,,\n")))

    assert found == [("core-9", {"name": ["core-9"]})]


def test_cells_that_say_that_nothing_is_known_are_counted(file):
    ((_label, said),) = devices(read(file("a.csv", "IP,Model,Serial,Vendor\n192.0.2.1,X1,[n/s],unbekannt\n")))

    assert said == {"model": ["X1"]}
    assert told(file, "2 cells that only say that nothing is known, passed over: [n/s], unbekannt")


def test_another_table_further_down_is_read_by_its_own_titles(file):
    text = (
        "Switches\nIP,Vendor,Model\n192.0.2.1,Huawei,S5720\n\nCameras\nModel,Serial,IP,MAC\nDS-1,"
        "AB123456,192.0.2.2,bc:ad:28:00:00:02\n"
    )
    found = dict(devices(read(file("a.csv", text))))

    assert found["192.0.2.2"] == {"model": ["DS-1"], "serial": ["AB123456"], "mac": ["bc:ad:28:00:00:02"]}
    assert len(found) == 2
    assert told(file, "line 6 begins another table")


def test_where_the_closest_column_is_empty_the_next_one_counts_row_by_row(file):
    text = "NE Name,Model,NE Type\nolt-1,,MA5800-X7\nsw-1,S5720-28X,Switch\n"
    first, second = devices(read(file("a.csv", text)))

    assert first[1]["model"] == ["MA5800-X7"]
    assert second[1]["model"][0] == "S5720-28X"


@pytest.mark.parametrize(
    ("titles", "kind"), [("Model,Device Type", "model"), ("Serial Number,ESN", "serial"), ("Modell,Typ", "model")]
)
def test_a_second_column_fills_in_for_an_empty_one(file, titles, kind):
    filled, second = devices(read(file("a.csv", f"Name,{titles}\na,ONE11111,TWO22222\nb,n/a,TWO22222\n")))

    assert (filled[1][kind], second[1][kind]) == (["ONE11111"], ["TWO22222"])


def test_what_sort_of_thing_it_is_is_no_model_beside_a_model(file):
    ((_label, said),) = devices(read(file("a.csv", "Name,Device Type,System Type,Model\ncam,Dome,CCTV,DS-1\n")))

    assert said["model"] == ["DS-1"]
    assert told(file, "columns that count only where a closer one is empty: Device Type, System Type")


def test_of_description_and_notes_both_are_kept(file):
    ((_label, said),) = devices(read(file("a.csv", "IP,Description,Notes,Remarks\n192.0.2.1,dome,north gate,\n")))

    assert said["description"] == ["dome", "north gate"]


def test_manufacturer_and_brand_are_both_kept(file):
    ((_label, said),) = devices(read(file("a.csv", "IP,Brand,Manufacturer\n192.0.2.1,Lorex,Dahua\n")))

    assert said["vendor"] == ["Dahua", "Lorex"]


@pytest.mark.parametrize(
    ("titles", "kinds"),
    [
        ("Camera Mfg,Camera Model Number", ["vendor", "model"]),
        ("System Manufacturer,MachineType", ["vendor", "model"]),
        ("Make,Model No.", ["vendor", "model"]),
        ("Platform,FW Version", ["model", "firmware"]),
        ("Part ID,os", ["model", "firmware"]),
        ("Item,Make", ["description", "vendor"]),
        ("SysObjectID,sysDescr", ["sysobjectid", "sysdescr"]),
        ("Hersteller,Modell (laut Etikett)", ["vendor", "model"]),
        ("Marque,Modèle", ["vendor", "model"]),
        ("N° de série,Fabricant", ["serial", "vendor"]),
        ("Marca,Número de serie", ["vendor", "serial"]),
        ("设备型号,设备厂商", ["model", "vendor"]),
        ("Vendor\u00a0Name,Model\u200bNumber", ["vendor", "model"]),
    ],
)
def test_columns_are_known_under_the_titles_people_give_them(file, titles, kinds):
    ((_label, said),) = devices(read(file("a.csv", f"{titles},Name\nA1B2,C3D4,x\n")))

    assert said == {"name": ["x"]} | dict(zip(kinds, (["A1B2"], ["C3D4"]), strict=True))


@pytest.mark.parametrize(
    "title",
    [
        "ClientId",
        "Unique ID",
        "Client MAC",
        "Base MAC Address",
        "hwaddr",
        "BSSID",
        "Wired MAC",
        "eth0_mac",
        "MAC 1",
        "MAC-Adresse (LAN)",
        "Kennung",
    ],
)
def test_macs_are_read_under_any_title(file, title):
    ((_label, said),) = devices(read(file("a.csv", f"Host Name,{title}\ncam,44-19-B6-00-00-07\n")))

    assert said["mac"] == ["44-19-B6-00-00-07"]


@pytest.mark.parametrize("title", ["Gateway MAC", "Uplink MAC", "Switch MAC", "AP MAC", "Neighbor MAC address"])
def test_the_mac_of_what_a_device_hangs_on_is_not_its_own(file, title):
    ((_label, said),) = devices(read(file("a.csv", f"Name,MAC,{title}\npc,00:0c:29:00:00:05,44:19:b6:00:00:07\n")))

    assert said["mac"] == ["00:0c:29:00:00:05"]
    assert told(file, f"columns passed over: {title}")


@pytest.mark.parametrize("cell", ["001882123456", "202611291000", "2026-11-29 10:00", "+1 256 812 3457"])
def test_twelve_digits_are_a_mac_only_in_a_column_of_macs(file, cell):
    found = devices(read(file("a.csv", f"Name,Model,Code\nx,X1,{cell}\ny,Y1,{cell}\n")))

    assert not is_mac(cell)
    assert not any("mac" in said for _label, said in found)


def test_in_a_column_of_macs_digits_alone_are_one(file):
    ((_label, said),) = devices(read(file("a.csv", "Name,MAC\nx,001882123456\n")))

    assert said["mac"] == ["001882123456"]


@pytest.mark.parametrize(
    "cell",
    [
        "bc:ad:28:00:00:01 bc:ad:28:00:00:02",
        "bc:ad:28:00:00:01; bc:ad:28:00:00:02",
        "bc:ad:28:00:00:01/bc:ad:28:00:00:02",
        "LAN=BC-AD-28-00-00-01\nWLAN=BC-AD-28-00-00-02",
        "bcad28000001,bcad28000002",
    ],
)
def test_of_a_cell_with_two_macs_both_are_taken(file, cell):
    ((_label, said),) = devices(read(file("a.csv", f'Name,Model,MAC\nnvr,X1,"{cell}"\n')))

    assert len(said["mac"]) == 2
    assert len(macs_of(cell)) == 2


def test_a_locally_administered_mac_is_counted_and_its_device_kept(file):
    text = "IP,MAC,Vendor Class\n192.0.2.1,06:00:00:00:00:01,HUAWEI:android:EXAMPLE\n192.0.2.2,0a:00:00:00:00:02,\n"
    found = dict(devices(read(file("a.csv", text))))

    assert set(found) == {"192.0.2.1", "192.0.2.2"}
    assert found["192.0.2.1"]["vendorclass"] == ["HUAWEI:android:EXAMPLE"]
    assert told(file, "line 2 has a locally administered MAC")
    assert told(file, "with 1 more: row 3")


@pytest.mark.parametrize("blank", ["\u00a0", "\u2003", "\u200b", "\u3000", "\ufeff"])
def test_a_blank_of_any_sort_is_a_blank(file, blank):
    text = f"Name,MAC,Vendor\ncam{blank},{blank}44:19:b6:00:00:07{blank},Example{blank}{blank}\n"
    ((label, said),) = devices(read(file("a.csv", text)))

    assert (label, said) == ("cam", {"name": ["cam"], "mac": ["44:19:b6:00:00:07"], "vendor": ["Example"]})


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("192.0.2.1:8000", "192.0.2.1"),
        ("http://192.0.2.1/doc/page", "192.0.2.1"),
        ("https://[2001:db8::1]:8443/", "2001:db8::1"),
        ("rtsp://admin:secret@192.0.2.1:554/1", "192.0.2.1"),
        ("192.0.2.1/24", "192.0.2.1"),
        ("192.0.2.1 (management)", "192.0.2.1"),
        ("192.000.002.001", "192.0.2.1"),
        ("2001:db8::8000", "2001:db8::8000"),
        ("cam1.example.net:8000", "cam1.example.net"),
        ("ask the caretaker", ""),
        ("0.0.0.0", ""),
        ("17", ""),
    ],
)
def test_an_address_is_read_out_of_whatever_is_around_it(cell, address):
    assert address_of(cell) == address


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("05.03.2019", "2019-03-05"),
        ("2019/03/05", "2019-03-05"),
        ("2019-03-05 10:00:00", "2019-03-05"),
        ("2019-03", "2019-03"),
        ("2019年3月5日", "2019-03-05"),
        ("13/05/2019", "2019-05-13"),
        ("05/13/2019", "2019-05-13"),
        ("5 Mar 2019", "2019-03-05"),
        ("05/03/2019", ""),
        ("31.02.2019", ""),
        ("43586", ""),
        ("last spring", ""),
    ],
)
def test_a_day_is_read_where_it_can_be_read_in_one_way(file, cell, day):
    ((_label, said),) = devices(read(file("a.csv", f"IP,Model,Kaufdatum\n192.0.2.1,X1,{cell}\n")))

    assert day_of(cell) == day
    assert said["acquired"] == [day or cell]
    assert told(file, "line 2 names a day of purchase that is none, or that can be read in two ways") == (not day)


def test_a_serial_number_a_spreadsheet_spoilt_is_told_and_joins_no_devices(file):
    text = "IP,Model,Serial\n192.0.2.1,X1,2.10235E+19\n192.0.2.2,X1,2.10235E+19\n"
    *records, unread = read(file("a.csv", text))

    assert [said.get("serial") for _label, said in devices(records)] == [None, None]
    assert isinstance(unread, Unread)
    assert "whose last digits are lost" in unread.detail


def test_a_column_called_device_holds_names_or_models(file):
    named = devices(read(file("a.csv", "Hostname,Device,IP\ncam,DS-2CD2042WD-I,192.0.2.1\n")))
    alone = devices(read(file("b.csv", "Device,Serial\nDS-2CD2042WD-I,AB123456\n")))
    listed = devices(read(file("c.csv", "Device,Vendor,Model\nDoorbell 2,Example,X1\n")))

    assert named[0][1] == {"name": ["cam"], "model": ["DS-2CD2042WD-I"]}
    assert alone[0][1]["description"] == ["DS-2CD2042WD-I"]
    assert listed[0][1] == {"name": ["Doorbell 2"], "vendor": ["Example"], "model": ["X1"]}


def test_what_a_scanner_looked_up_stands_beside_the_mac_it_looked_up(file):
    (record,) = read(
        file("scan.csv", "Status,Name,IP,Manufacturer,MAC address\nalive,,192.0.2.2,Example Co.,bc:ad:28:00:00:02\n")
    )

    assert {(fact.kind, fact.where, fact.about) for fact in record.facts} == {
        ("inventory.vendor", "row 2", ""),
        ("inventory.mac", "row 2", ""),
    }


def test_a_line_of_json_is_no_title_line(file):
    from auditor.imports.registry import sniff

    assert sniff(file("a.json", '[{"mac": "bc:ad:28:00:00:01", "ip": "192.0.2.1", "vendor": "x"}]\n')) != "csv"


def test_exports_of_glpi_and_phpipam_give_address_mac_model_and_place(file):
    glpi = (
        '"Name";"Entity";"Manufacturer";"Serial number";"Type";"Model";"Location";"Network port - MAC address";'
        '"Network port - IP address";"Network - Firmware version"\n'
        '"sw-3f";"Root entity > Paris";"Huawei";"2102350DLS10000001";"Switch";"S5720-28X-SI-AC";"3F";'
        '"00:25:9e:00:00:01";"192.0.2.1";"V200R019"\n'
    )
    phpipam = (
        "Section,IP address,Hostname,Description,Subnet,State,MAC,Device,Port\n"
        "LAN,192.0.2.2,cam-7,Dahua IPC-HDW2431T,192.0.2.0/24,Active,e0:50:8b:00:00:07,core-1,GE0/0/4\n"
    )
    ((switch, said),) = devices(read(file("glpi.csv", glpi)))

    assert switch == "192.0.2.1"
    assert (said["model"], said["firmware"], said["place"]) == (["S5720-28X-SI-AC"], ["V200R019"], ["3F"])
    assert said["mac"] == ["00:25:9e:00:00:01"]
    assert "e0:50:8b:00:00:07" in repr(list(read(file("phpipam.csv", phpipam))))
