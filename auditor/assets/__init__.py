"""Many observations become one asset per device, with its place. Pure."""

from auditor.assets.merge import survey

__all__ = ["survey"]
