"""Simulate a corpus of consumer posts with known truth."""

from analysis.simulate.corpus import simulate
from analysis.simulate.days import ExperimentSettings

__all__ = ["ExperimentSettings", "simulate"]
