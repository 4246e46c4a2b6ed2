"""The built pages: shells by the routes that their manifest names, and assets that never change."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import hdrs, web

_ASSET_CACHE: Final = "public, max-age=31536000, immutable"
_NOT_BUILT: Final = """<!doctype html><html lang="id"><meta charset="utf-8"><title>Sambung</title>
<p>Halaman belum dibangun. Jalankan <code>bin/setup</code>, lalu muat ulang.</p>
<p lang="en">The pages have not been built yet. Run <code>bin/setup</code>, then reload.</p></html>
"""


class _Page(msgspec.Struct):
    routes: tuple[str, ...]


class Pages:
    """Serves one folder. Built anew while we run, it is served anew."""

    def __init__(self, folder: Path, home: str = "/masuk") -> None:
        self._folder = folder.resolve()
        self._home = home
        self._read_at = -1
        self._routes: Mapping[str, str] = {}

    def routes(self) -> list[web.RouteDef]:
        """Return what aiohttp is told. These come after every other route."""
        return [web.get("/assets/{name:[^/]+}", self._asset), web.get("/{path:(?!api/).*}", self._page)]

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        file = self._folder / "assets" / name
        if name.startswith(".") or "\\" in name or "\0" in name or not _is_file(file):
            raise web.HTTPNotFound
        # Names carry a hash of what is in them, but for the icon and the licences.
        lasting = _ASSET_CACHE if "-" in name else "no-cache"
        return web.FileResponse(file, headers={hdrs.CACHE_CONTROL: lasting})

    async def _page(self, request: web.Request) -> web.StreamResponse:
        path = request.path.rstrip("/") or "/"
        if path == "/":
            raise web.HTTPFound(self._home)
        page = self._shell(path)
        if page is None:
            if not self._routes:
                return web.Response(text=_NOT_BUILT, status=503, content_type="text/html")
            raise web.HTTPNotFound
        return web.FileResponse(self._folder / f"{page}.html", headers={hdrs.CACHE_CONTROL: "no-cache"})

    def _shell(self, path: str) -> str | None:
        self._look()
        if path in self._routes:
            return self._routes[path]
        while "/" in path[1:]:
            path = path.rpartition("/")[0]
            if f"{path}/*" in self._routes:
                return self._routes[f"{path}/*"]
        return None

    def _look(self) -> None:
        manifest = self._folder / "manifest.json"
        try:
            changed = manifest.stat().st_mtime_ns
            if changed == self._read_at:
                return
            found = msgspec.json.decode(manifest.read_bytes(), type=dict[str, _Page])
        except (OSError, msgspec.MsgspecError):
            self._routes, self._read_at = {}, -1
            return
        self._read_at = changed
        self._routes = {route: name for name, page in found.items() for route in page.routes}


def _is_file(file: Path) -> bool:
    try:
        return file.is_file()
    except OSError:
        return False
