"""Who carries whom: devices and cables of an audit as a graph, drawn and exported."""
