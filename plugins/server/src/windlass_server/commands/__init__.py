"""Commands that manage a server's accounts: over HTTP where the tracking URI is a server, on the database otherwise."""
