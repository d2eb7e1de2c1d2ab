"""Replies in, facts out. No sockets, no files, one module per source."""
