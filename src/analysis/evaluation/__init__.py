"""Labelled data in, measured tables out."""
