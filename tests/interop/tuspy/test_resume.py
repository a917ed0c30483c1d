"""Uploads that stop and go on."""

import threading
from io import BytesIO

from tusclient.client import TusClient
from tusclient.storage.filestorage import FileStorage

CHUNK = 400_000


def begun(server, content, **options):
    """An upload of which one chunk is sent."""
    client = TusClient(server.endpoint)
    uploader = client.uploader(file_stream=BytesIO(content), chunk_size=CHUNK, **options)
    uploader.upload(stop_at=CHUNK)
    return uploader


def test_by_url(server, content):
    url = begun(server, content).url
    assert server.offset(url) == CHUNK

    resumed = TusClient(server.endpoint).uploader(
        file_stream=BytesIO(content), url=url, chunk_size=300_007
    )
    assert resumed.offset == CHUNK
    resumed.upload()
    server.assert_stored(url, content)


def test_by_url_storage(server, content, tmp_path):
    path = tmp_path / "upload.bin"
    path.write_bytes(content)
    options = {"store_url": True, "url_storage": FileStorage(str(tmp_path / "urls.json"))}
    client = TusClient(server.endpoint)

    first = client.uploader(str(path), chunk_size=CHUNK, **options)
    first.upload_chunk()
    second = client.uploader(str(path), **options)
    assert (second.url, second.offset) == (first.url, CHUNK)
    second.upload()
    server.assert_stored(first.url, content)


def test_after_completion(server, content):
    uploader = begun(server, content)
    uploader.upload()
    again = TusClient(server.endpoint).uploader(file_stream=BytesIO(content), url=uploader.url)
    assert again.offset == len(content)
    again.upload()
    server.assert_stored(uploader.url, content)


def test_retries_over_kill_9(server, content):
    uploader = begun(server, content, retries=60, retry_delay=0.5)
    server.kill()
    restart = threading.Timer(1, server.restart)
    restart.start()
    uploader.upload()
    restart.join()
    server.assert_stored(uploader.url, content)
