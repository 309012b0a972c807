"""moto's server with real containers behind its endpoints: server.py PORT PYTHON, in an environment with moto.

PYTHON is the interpreter that runs the scoring server.
"""

import sys

import batch
import containers
import endpoints
import invocations
from moto.server import main

containers.python = sys.argv[2]
endpoints.install()
invocations.install()
batch.install()
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
