"""What a corpus says: counts, trends, coverage, claims, lists."""
