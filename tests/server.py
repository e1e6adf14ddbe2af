"""A real nginx over a built site, on a free port of this machine, for any user."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 10.0

CONFIG = """
daemon off;
master_process off;
pid "{work}/nginx.pid";
error_log "{work}/error.log";
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path "{work}/body";
    proxy_temp_path "{work}/proxy";
    fastcgi_temp_path "{work}/fastcgi";
    uwsgi_temp_path "{work}/uwsgi";
    scgi_temp_path "{work}/scgi";
    default_type application/octet-stream;
    types {{
        text/html html;
        text/css css;
        text/javascript js mjs;
        text/plain txt;
        application/json json map;
        application/xml xml;
        image/svg+xml svg;
        image/png png;
        image/x-icon ico;
        font/woff2 woff2;
    }}
    charset utf-8;
    charset_types text/css text/javascript text/plain application/json application/xml;
    server {{
        listen 127.0.0.1:{port};
        root "{site}";
        absolute_redirect off;
        error_page 404 /404.html;
        location / {{ try_files $uri $uri/ =404; }}
{locales}
    }}
}}
"""

LOCALE = """        location /{locale}/ {{
            error_page 404 /{locale}/404.html;
            try_files $uri $uri/ =404;
        }}"""


@contextmanager
def serve(nginx: Path, site: Path, work: Path) -> Iterator[str]:
    """Serve the folder `site` while the block runs; give its address, without a slash at the end. `work` holds nginx's own files."""
    work.mkdir(parents=True, exist_ok=True)
    process, port = _started(nginx, site, work)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _started(nginx: Path, site: Path, work: Path) -> tuple[subprocess.Popen[bytes], int]:
    for _ in range(5):  # another process may take the free port first
        port = _free_port()
        config = work / "nginx.conf"
        config.write_text(_config(site, work, port), encoding="utf-8")
        said = work / "stderr.txt"
        with said.open("wb") as stderr:
            process = subprocess.Popen([nginx, "-p", work, "-c", config], stdin=subprocess.DEVNULL, stderr=stderr)
        if _answers(process, port):
            return process, port
        process.kill()
        process.wait(PATIENCE)
    raise RuntimeError(f"nginx does not start: {said.read_text(errors='replace')}")


def _config(site: Path, work: Path, port: int) -> str:
    locales = (LOCALE.format(locale=page.parent.name) for page in sorted(site.glob("*/404.html")))
    return CONFIG.format(site=site, work=work, port=port, locales="\n".join(locales))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return process.poll() is None
    return False
