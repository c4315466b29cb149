"""Which step runs when, on which partition, and what need not run again."""
