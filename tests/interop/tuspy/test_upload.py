"""Plain uploads. tuspy 1.1.0 knows no deferred length, no concatenation and no termination."""

import asyncio
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError


def upload(server, content, **options):
    uploader = TusClient(server.endpoint).uploader(file_stream=BytesIO(content), **options)
    uploader.upload()
    return uploader


def test_one_request(server, content):
    server.assert_stored(upload(server, content).url, content)


@pytest.mark.parametrize("chunk_size", [100_003, 1024 * 1024])
def test_chunks(server, content, chunk_size):
    server.assert_stored(upload(server, content, chunk_size=chunk_size).url, content)


def test_file_on_disk(server, content, tmp_path):
    path = tmp_path / "größe.bin"
    path.write_bytes(content)
    uploader = TusClient(server.endpoint).uploader(str(path), chunk_size=500_000)
    uploader.upload()
    server.assert_stored(uploader.url, content)


def test_empty(server):
    server.assert_stored(upload(server, b"").url, b"")


def test_metadata(server, content):
    metadata = {"filename": "файл 你好.txt", "empty": "", "filetype": "text/plain"}
    url = upload(server, content, metadata=metadata).url
    echoed = server.head(url).headers["Upload-Metadata"]
    pairs = (pair.partition(" ") for pair in echoed.split(","))
    assert {key: b64decode(value).decode() for key, _, value in pairs} == metadata


def test_headers_of_the_user(server, content):
    client = TusClient(server.endpoint, headers={"Authorization": "Bearer x", "X-Tenant": "blue"})
    uploader = client.uploader(file_stream=BytesIO(content))
    uploader.upload()
    server.assert_stored(uploader.url, content)


def test_async_uploads_at_once(server):
    contents = [bytes([index]) * (300_000 + index) for index in range(8)]

    async def upload_all():
        client = TusClient(server.endpoint)
        uploaders = [
            client.async_uploader(file_stream=BytesIO(content), chunk_size=70_000)
            for content in contents
        ]
        await asyncio.gather(*(uploader.upload() for uploader in uploaders))
        return [uploader.url for uploader in uploaders]

    for url, content in zip(asyncio.run(upload_all()), contents, strict=True):
        server.assert_stored(url, content)


def test_threads_at_once(server):
    contents = [bytes([index]) * (300_000 + index) for index in range(8)]
    with ThreadPoolExecutor(len(contents)) as threads:
        uploaders = threads.map(
            lambda content: upload(server, content, chunk_size=70_000), contents
        )
        for uploader, content in zip(uploaders, contents, strict=True):
            server.assert_stored(uploader.url, content)


def test_larger_than_the_maximum(serve, content):
    server = serve(max_size=len(content) - 1)
    with pytest.raises(TusCommunicationError) as refusal:
        upload(server, content)
    assert refusal.value.status_code == 413
