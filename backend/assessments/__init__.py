"""The bridge to the analysis library: calls it, stores what the machine read (机器研判)."""
