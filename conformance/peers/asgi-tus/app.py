"""The application, with all that it offers."""

import os
from datetime import timedelta

from asgi_tus import ASGITusApp, FileStorage, TusConfig

app = ASGITusApp(
    FileStorage(os.environ["PEER_DIR"]),
    TusConfig(
        upload_path=os.environ["PEER_PATH"],
        max_size=int(os.environ["PEER_MAX_SIZE"]),
        upload_expires=timedelta(seconds=int(os.environ["PEER_EXPIRE_AFTER"])),
    ),
)
