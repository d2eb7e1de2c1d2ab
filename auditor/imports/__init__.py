"""What others recorded, read offline: files in, records out. Nothing here contacts a device."""

from auditor.imports.registry import FORMATS, read

__all__ = ["FORMATS", "read"]
