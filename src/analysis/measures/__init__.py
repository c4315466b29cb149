"""What a corpus says: counts, trends, coverage, clusters, lists."""
