"""Audit → reports, each a pure function of the audit: no device, no rule, no database."""

from auditor.report.base import Format, Options
from auditor.report.registry import FORMATS, render

__all__ = ["FORMATS", "Format", "Options", "render"]
