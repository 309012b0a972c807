"""What tests of this library and of the plugins on it share."""
