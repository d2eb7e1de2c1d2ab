"""Findings times dated policies are obligations: dates and citations, no knowledge of devices."""
