"""The MLmodel format, signatures, the generic python function, and the model flavors."""
