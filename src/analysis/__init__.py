"""Turn exports of Chinese consumer posts into the figures of a consumer-rights report."""
