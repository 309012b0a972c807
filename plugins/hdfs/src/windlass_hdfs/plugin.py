"""What this distribution plugs in. Cheap: it imports nothing of the rest."""
