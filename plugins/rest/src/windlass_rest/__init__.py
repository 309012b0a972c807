"""What plugins that talk to a REST interface share."""
