"""``Upload-Checksum`` with every chunk."""

import hashlib
import zlib
from io import BytesIO

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusUploadFailed
from tusclient.uploader import Uploader

CHUNK = 1_000_003


class Crc32:
    """CRC-32 in the form of :mod:`hashlib`, its four bytes in big-endian order."""

    def __init__(self, data):
        self._value = zlib.crc32(data)

    def digest(self):
        return self._value.to_bytes(4, "big")


class Wrong:
    """A SHA-1 of something else."""

    def __init__(self, data):
        pass

    def digest(self):
        return hashlib.sha1(b"something else").digest()


def uploader(server, content, algorithm=None, **options):
    """An uploader with tuspy's own checksum, SHA-1, or another one."""
    kind = Uploader
    if algorithm:
        kind = type("OtherChecksum", (Uploader,), {"CHECKSUM_ALGORITHM_PAIR": algorithm})
    client = TusClient(server.endpoint)
    options = {"chunk_size": CHUNK, "upload_checksum": True, **options}
    return kind(client=client, file_stream=BytesIO(content), **options)


def test_sha1(server, content):
    checked = uploader(server, content)
    checked.upload()
    assert checked.request._request_headers["upload-checksum"].startswith("sha1 ")
    server.assert_stored(checked.url, content)


@pytest.mark.parametrize(
    "algorithm",
    [
        ("md5", hashlib.md5),
        ("sha256", hashlib.sha256),
        ("sha512", hashlib.sha512),
        ("crc32", Crc32),
    ],
    ids=lambda algorithm: algorithm[0],
)
def test_other_algorithms(server, content, algorithm):
    checked = uploader(server, content, algorithm)
    checked.upload()
    server.assert_stored(checked.url, content)


def test_a_wrong_checksum_changes_nothing(server, content):
    first = uploader(server, content)
    first.upload(stop_at=CHUNK)
    wrong = uploader(server, content, ("sha1", Wrong), url=first.url)
    with pytest.raises(TusUploadFailed) as refusal:
        wrong.upload()
    assert refusal.value.status_code == 460
    assert server.offset(first.url) == CHUNK

    first.upload()
    server.assert_stored(first.url, content)


def test_an_unknown_algorithm_is_refused(server, content):
    unknown = uploader(server, content, ("sha3-256", hashlib.sha3_256))
    with pytest.raises(TusUploadFailed) as refusal:
        unknown.upload()
    assert refusal.value.status_code == 400
    assert server.offset(unknown.url) == 0
