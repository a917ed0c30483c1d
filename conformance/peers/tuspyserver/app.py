"""The router in an application of its own."""

import os

from fastapi import FastAPI
from tuspyserver import create_tus_router

app = FastAPI()
app.include_router(
    create_tus_router(
        prefix=os.environ["PEER_PATH"],
        files_dir=os.environ["PEER_DIR"],
        max_size=int(os.environ["PEER_MAX_SIZE"]),
        days_to_keep=int(os.environ["PEER_EXPIRE_AFTER"]) // 86400,
    )
)
