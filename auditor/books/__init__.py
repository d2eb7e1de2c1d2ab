"""Inventories of other programs, read and written over their REST APIs."""
