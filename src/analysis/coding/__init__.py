"""Which grievance a post voices, who speaks, and which platforms it names."""
