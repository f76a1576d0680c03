"""Opening a file of unknown origin: in a child process with limits, by an allow-list of formats, into plain cells."""
