"""Starts Serve on a cluster, with its proxy at a port of 127.0.0.1: serve.py DASHBOARD PORT."""

from __future__ import annotations

import json
import sys
import urllib.request

dashboard, port = sys.argv[1:]
config = {"proxy_location": "HeadOnly", "http_options": {"host": "127.0.0.1", "port": int(port)}, "applications": []}
request = urllib.request.Request(
    f"{dashboard}/api/serve/applications/",
    data=json.dumps(config).encode(),
    headers={"Content-Type": "application/json"},
    method="PUT",
)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(request, timeout=120) as answer:
    answer.read()
