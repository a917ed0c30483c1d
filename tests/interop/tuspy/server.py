"""The server under test: the real binary, in a directory of its own, on a free port of loopback."""

import os
import re
import signal
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit

import requests

BASE_PATH = "/files/"
READY = re.compile(r"http://127\.0\.0\.1:(\d+)/files/")
DEADLINE_S = 30


class Server:
    def __init__(self, directory, **flags):
        self.directory = directory
        self._flags = flags
        self._start(port=0)

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}{BASE_PATH}"

    def kill(self):
        """Ends the server without any warning, as a crash or ``kill -9`` does."""
        self._process.kill()
        self._process.wait(DEADLINE_S)

    def restart(self):
        """Starts it again on the same port and directory."""
        self._start(self.port)

    def close(self):
        """Asks the server to shut down, and expects that it does so in good order."""
        self._process.send_signal(signal.SIGTERM)
        try:
            assert self._process.wait(DEADLINE_S) == 0
        finally:
            self._process.kill()

    def head(self, url):
        return requests.head(url, headers={"Tus-Resumable": "1.0.0"})

    def offset(self, url):
        return int(self.head(url).headers["Upload-Offset"])

    def assert_stored(self, url, content):
        """Expects an upload to be complete, with this content in a download and on disk."""
        head = self.head(url)
        assert head.status_code == 200
        assert head.headers["Upload-Offset"] == head.headers["Upload-Length"] == str(len(content))

        download = requests.get(url)
        assert download.status_code == 200
        assert _same(download.content, content), "the download differs"

        stored = self.directory / urlsplit(url).path.removeprefix(BASE_PATH)
        assert _same(stored.read_bytes(), content), "the file on disk differs"

    def _start(self, port):
        flags = {"listen": f"127.0.0.1:{port}", "dir": self.directory, "base_path": BASE_PATH}
        flags |= self._flags
        arguments = [
            argument
            for name, value in flags.items()
            for argument in (f"--{name.replace('_', '-')}", str(value))
        ]
        self._process = subprocess.Popen(
            [binary(), *arguments], stdout=subprocess.PIPE, env=_without_settings(), text=True
        )
        ready = next(filter(None, map(READY.search, self._process.stdout)), None)
        assert ready, "the server ended before it was ready"
        self.port = int(ready[1])
        threading.Thread(target=self._process.stdout.read, daemon=True).start()


def binary():
    target = Path(__file__).resolve().parents[3] / "target"
    built = [target / profile / "oxitus-server" for profile in ("release", "debug")]
    found = os.environ.get("OXITUS_SERVER_BIN") or next(filter(Path.is_file, built), None)
    assert found, "no server: build it (cargo build -p oxitus-server) or set OXITUS_SERVER_BIN"
    return found


def _without_settings():
    """The environment without the server's own variables, which would be settings beside the flags."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OXITUS_")}


def _same(actual, expected):
    # Compared here, so that a failure does not print megabytes.
    return actual == expected
