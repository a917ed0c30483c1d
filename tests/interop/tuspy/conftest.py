import os
import random

import pytest
from server import Server

# The clients here talk to loopback only, whatever proxy the environment names.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"


@pytest.fixture
def serve(tmp_path):
    """Starts servers that are stopped at the end of the test."""
    servers = []

    def start(**flags):
        directory = tmp_path / str(len(servers))
        directory.mkdir()
        servers.append(Server(directory, **flags))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def server(serve):
    return serve()


@pytest.fixture
def content():
    return random.Random(1).randbytes(3 * 1024 * 1024 + 17)
