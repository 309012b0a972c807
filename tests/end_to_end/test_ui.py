from __future__ import annotations

import subprocess
import sys
import time
from urllib.request import urlopen

import windlass


def test_the_ui_opens_a_browser_on_a_page_that_lists_experiments(tmp_path, monkeypatch):
    windlass.set_tracking_uri(f"sqlite:///{tmp_path}/.windlass/windlass.db")
    windlass.create_experiment("seen in the browser")
    opened = tmp_path / "opened.txt"
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    process = subprocess.Popen([sys.executable, "-m", "windlass", "ui", "--port", "0"], cwd=tmp_path)
    try:
        give_up = time.monotonic() + 60
        while not (opened.exists() and opened.read_text().strip()) and time.monotonic() < give_up:
            assert process.poll() is None
            time.sleep(0.05)
        url = opened.read_text().strip()
        with urlopen(url, timeout=10) as answer:
            assert "seen in the browser" in answer.read().decode()
    finally:
        process.terminate()
        assert process.wait(20) in {0, -15}
