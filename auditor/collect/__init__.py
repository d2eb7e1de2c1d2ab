"""Live reading. Nothing here judges; nothing here writes to a device.

collector("snmp").collect(targets, setup)    → records, in the order the devices answer
sweep.sweep(spans, setup, …)                 → what answers at all in whole subnets
"""

from importlib import import_module

from auditor.collect.base import Collector

# Name → where it lives; a collector is imported when it is first asked for, because some are heavy.
COLLECTORS = {
    "snmp": ("auditor.collect.snmp.collector", "SnmpCollector"),
    # The same questions and facts through pysnmp, for whoever wants a second opinion.
    "snmp-pysnmp": ("auditor.collect.snmp.pysnmp_engine", "PysnmpCollector"),
    "ssh": ("auditor.collect.ssh.collector", "SshCollector"),
    "probe": ("auditor.collect.probe.collector", "ProbeCollector"),
}


def collector(name: str) -> Collector:
    """Return a collector by the word used in options and journals."""
    module, factory = COLLECTORS[name]
    instance: Collector = getattr(import_module(module), factory)()
    return instance
