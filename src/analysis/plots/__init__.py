"""One module a family of figures; each function draws one figure and says it in words."""
