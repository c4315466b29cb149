"""A probability sample, blind double coding, agreement, and corrected counts."""
