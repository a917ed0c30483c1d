"""The plugin in an application of its own, since the server that comes with it sets no expiration."""

import os

from litestar import Litestar
from litestar_tus import TUSConfig, TUSPlugin

app = Litestar(
    plugins=[
        TUSPlugin(
            TUSConfig(
                path_prefix=os.environ["PEER_PATH"],
                upload_dir=os.environ["PEER_DIR"],
                max_size=int(os.environ["PEER_MAX_SIZE"]),
                expiration_seconds=int(os.environ["PEER_EXPIRE_AFTER"]),
            )
        )
    ],
    # Litestar's limit for a request, not the plugin's for an upload, which is what is judged.
    request_max_body_size=None,
)
