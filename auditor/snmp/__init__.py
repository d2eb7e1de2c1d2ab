"""Our own SNMP client: the wire and its guards. It knows nothing about devices, makers or what an object means."""
