"""What played networks rest on: a port the system hands out is one that collectors open."""

import socket

from auditor.parse.snmp_probes import probe_table


def test_no_port_of_a_control_system_is_handed_out(withheld):
    assert withheld
    with socket.socket() as opened, socket.socket(type=socket.SOCK_DGRAM) as sent:
        for taken in probe_table().forbidden - set(range(1024)):
            for one in (opened, sent):
                try:
                    one.bind(("127.0.0.1", taken))
                except OSError:
                    continue
                raise AssertionError(f"port {taken} could be had")
