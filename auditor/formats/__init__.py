"""Journal and audit document: the formats other programs rely on, read and written."""
