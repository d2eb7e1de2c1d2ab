"""Many observations become one asset per device, each with the place it is plugged in. Pure: records in, assets out."""

from auditor.assets.merge import merge

__all__ = ["merge"]
