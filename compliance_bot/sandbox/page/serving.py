"""The page's files, served at ``/``. They speak to the world alone, as a person's Slack client does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

FILES = Path(__file__).parent / "files"
_KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page_routes() -> list[web.RouteDef]:
    """``/`` and ``/page/NAME`` for each file of the page; nothing else of the disk can be asked for."""
    files = {f"/page/{file.name}": file for file in sorted(FILES.iterdir()) if file.suffix in _KINDS}
    home = web.get("/", _giver(FILES / "index.html"))
    return [home, *(web.get(path, _giver(file)) for path, file in files.items())]


def _giver(file: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    headers = {**_HEADERS, "Content-Type": f"{_KINDS[file.suffix]}; charset=utf-8"}

    async def give(_request: web.Request) -> web.StreamResponse:
        return web.FileResponse(file, headers=headers)

    return give
