"""What leaves the project: tables, figures, claims, the report, its notebooks and its evidence."""
