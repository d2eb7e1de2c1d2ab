"""What a command judges with; see `auditor.run.knowledge`."""

from auditor.run.knowledge import knowledge

__all__ = ["knowledge"]
