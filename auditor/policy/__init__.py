"""Findings times dated policies are obligations; nothing is known of devices here."""
