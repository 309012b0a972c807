"""The command `windlass quickstart`: the whole life of a model, on real data, in half a minute."""
