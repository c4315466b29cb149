"""From an export to clean, masked, deduplicated posts."""
