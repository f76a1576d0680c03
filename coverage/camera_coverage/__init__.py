"""Camera coverage of a town: what cameras see, where they see nothing, and why."""
