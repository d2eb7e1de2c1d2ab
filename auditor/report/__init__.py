"""Audit → reports. Every report is a pure function of the audit; nothing here reads a device, a rule or a database."""

from auditor.report.base import Format, Options
from auditor.report.registry import FORMATS, render

__all__ = ["FORMATS", "Format", "Options", "render"]
