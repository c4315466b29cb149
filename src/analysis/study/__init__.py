"""The study file: window, event days, thresholds, claims, all checked on reading."""

from analysis.study.load import load_study, study_of_range
from analysis.study.model import Claim, Disclosure, Exposure, Published, Study, Thresholds, Window

__all__ = [
    "Claim",
    "Disclosure",
    "Exposure",
    "Published",
    "Study",
    "Thresholds",
    "Window",
    "load_study",
    "study_of_range",
]
