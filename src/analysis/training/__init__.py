"""Weights learnt from labelled posts: same input, same bytes."""
