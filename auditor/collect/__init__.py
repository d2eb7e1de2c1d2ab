"""Live reading. Nothing here judges; nothing here writes to a device."""
