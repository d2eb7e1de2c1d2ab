"""Reading over SNMP with our own client, or with pysnmp as a second opinion."""
