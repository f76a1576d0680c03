"""The fictional sample town and the catalogues, as package data; only the service and tests read it."""
