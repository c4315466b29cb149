"""What stands in a cell: times, counts, ratings and amounts of money."""
