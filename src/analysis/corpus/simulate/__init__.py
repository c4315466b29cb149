"""Simulate a corpus of consumer posts with known truth."""

from analysis.corpus.simulate.corpus import simulate
from analysis.corpus.simulate.knobs import Knobs

__all__ = ["Knobs", "simulate"]
