"""The backend `local`: projects as processes of this machine, each with a supervisor that records its end."""
