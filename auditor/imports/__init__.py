"""What others recorded, read offline: files in, records out. Nothing here contacts a device.

`registry.py` knows the formats and reads a file; each format is a module, loaded when a file of its sort turns up.
"""
