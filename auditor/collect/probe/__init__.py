"""Probes: what a device says to anybody who asks, and one page each to those with an HTTP login."""
