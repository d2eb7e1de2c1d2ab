"""Where collection runs: in this process, one stage after the other."""
