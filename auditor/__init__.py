"""Network equipment inventory auditor: who made each device, how sure, why, and what each law asks."""

__version__ = "0.2.0"
