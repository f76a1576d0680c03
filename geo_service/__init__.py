"""The service: settings, store, imports, exports, accounts, web pages, HTTP API, command line."""
