"""What the server answers, one noun a file: a function takes a message, calls one service and encodes the answer."""
