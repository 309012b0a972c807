"""Webhooks: telling others what has changed, surely, signed, and never to an address inside."""
