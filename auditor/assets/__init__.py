"""Many observations become one asset per device, with its place. Pure."""

from auditor.assets.merge import merge

__all__ = ["merge"]
