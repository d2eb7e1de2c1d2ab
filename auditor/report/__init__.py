"""Audit → reports, each a pure function of the audit: no device, no rule, no database."""
