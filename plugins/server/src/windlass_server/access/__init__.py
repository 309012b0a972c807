"""Who may do what: accounts, sign-in, permissions and the audit log, over any record store."""
