"""The use cases, one noun a file; the CLI, the fluent API and the server all pass through here.

A service checks what comes in, asks the store, and tells plugins what happened.
"""
