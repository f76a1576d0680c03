"""From the store to the libraries and back: coverage, gaps and patrols of a town as stored results."""
