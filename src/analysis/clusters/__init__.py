"""What people complain of, found without the codebook: clusters of texts, and rises."""
