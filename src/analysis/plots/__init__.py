"""Figures by subject; each function draws one figure and says it in words."""
