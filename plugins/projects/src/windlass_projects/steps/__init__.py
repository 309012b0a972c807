"""Projects of several steps: their order, what of them is done already, and the process that runs the rest."""
