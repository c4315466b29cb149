"""One file a collector: how its exports are recognised and mapped to the canonical post."""
