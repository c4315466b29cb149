"""The sections of the report: each takes the run and gives its texts, figures and tables."""
