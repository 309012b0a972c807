"""The emulator of Google Cloud Storage in memory: gcs_emulator.py PORT, in an environment with gcp-storage-emulator."""

import socketserver
import sys

from gcp_storage_emulator.__main__ import main
from gcp_storage_emulator.storage import Storage

# Otherwise each answer waits 40 ms for an acknowledgement, and five requests that come at once are too many.
socketserver.StreamRequestHandler.disable_nagle_algorithm = True
socketserver.TCPServer.request_queue_size = 128
# It would write down all that it has with each change.
Storage._write_config_to_file = lambda _: None
main(["start", "--host", "127.0.0.1", "--port", sys.argv[1], "--in-memory", "--no-store-on-disk", "-q"])
