"""Janus VideoRoom, the peer of `bin/bench video`: started, and spoken to over HTTP.

Janus refuses the loopback interface, so it runs in a network namespace in which a small preload hides that lo is lo.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Self

import aiohttp

from core.errors import TryLater
from sambung.bench.video_peer import Peer

_PORT: Final = 18_188
_START_S: Final = 15.0

_PRELOAD: Final = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stddef.h>

int getifaddrs(struct ifaddrs **found) {
  int (*real)(struct ifaddrs **) = (int (*)(struct ifaddrs **)) dlsym(RTLD_NEXT, "getifaddrs");
  int code = real(found);
  if (code == 0)
    for (struct ifaddrs *one = *found; one != NULL; one = one->ifa_next) one->ifa_flags &= ~IFF_LOOPBACK;
  return code;
}
"""


def missing() -> str:
    """Return why Janus cannot be run here; empty if it can."""
    for program in ("janus", "gcc"):
        if shutil.which(program) is None:
            return f"no {program} here"
    return ""


class Janus:
    """A session with a running Janus."""

    def __init__(self, process: asyncio.subprocess.Process, http: aiohttp.ClientSession) -> None:
        self.pid: Final = process.pid
        self._http = http
        self._url = f"http://127.0.0.1:{_PORT}/janus"

    async def open(self) -> Self:
        """Begin the session."""
        deadline = asyncio.get_running_loop().time() + _START_S
        while True:
            try:
                self._url = f"{self._url}/{(await self._post('', janus='create'))['data']['id']}"
            except aiohttp.ClientError as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise TryLater("Janus does not start") from error
                await asyncio.sleep(0.1)
            else:
                return self

    async def room(self, receivers: int) -> tuple[Peer, list[Peer]]:
        """Have a room with one who sends and so many who receive, all connected."""
        room = uuid.uuid4().int % 2**48
        first = await self._attach()
        options = {
            "publishers": 2,
            "bitrate": 0,
            "videocodec": "vp8",
            "audiocodec": "opus",
            "notify_joining": False,
        }
        await self._message(first, None, request="create", room=room, **options)
        joined = await self._message(first, None, request="join", ptype="publisher", room=room)
        feed = joined["plugindata"]["data"]["id"]
        publisher = Peer(slots=0)
        offer = {"type": "offer", "sdp": publisher.offer()}
        answer = await self._message(first, offer, request="publish", audio=False, video=True)
        await publisher.connect(answer["jsep"]["sdp"])
        receiving = []
        for _ in range(receivers):
            handle, peer = await self._attach(), Peer(sends=False)
            offered = await self._message(
                handle, None, request="join", ptype="subscriber", room=room, streams=[{"feed": feed}]
            )
            sdp = offered["jsep"]["sdp"]
            await self._message(handle, {"type": "answer", "sdp": peer.answer(sdp)}, request="start")
            receiving.append(await peer.connect(sdp))
        return publisher, receiving

    async def keep(self) -> None:
        """Take waiting events; a session that nobody asks is closed after a minute."""
        async with self._http.get(self._url, params={"maxev": "50"}) as response:
            await response.read()

    async def _attach(self) -> int:
        done = await self._post("", janus="attach", plugin="janus.plugin.videoroom")
        handle: int = done["data"]["id"]
        return handle

    async def _message(self, handle: int, jsep: dict[str, str] | None, **body: Any) -> dict[str, Any]:
        more = {"jsep": jsep} if jsep else {}
        done = await self._post(f"/{handle}", janus="message", body=body, **more)
        while done.get("janus") == "ack":
            async with self._http.get(self._url, params={"maxev": "1"}) as response:
                event = await response.json(content_type=None)
            if event.get("sender") == handle and "plugindata" in event:
                done = event
        data = done.get("plugindata", {}).get("data", {})
        if "error" in data:
            raise TryLater(f"Janus: {data['error']}")
        return dict(done)

    async def _post(self, path: str, **body: Any) -> dict[str, Any]:
        body["transaction"] = uuid.uuid4().hex
        async with self._http.post(self._url + path, json=body) as response:
            return dict(await response.json(content_type=None))


@asynccontextmanager
async def running_janus(folder: Path, event_loops: int) -> AsyncIterator[Janus]:
    """Run Janus with its files below ``folder``; ``event_loops`` 0 is its default, a thread a connection."""
    preload = await asyncio.to_thread(_prepare, folder, event_loops)
    process = await asyncio.create_subprocess_exec(
        *("janus", "-F", str(folder), "-C", str(folder / "janus.jcfg"), "-o"),
        env={"LD_PRELOAD": str(preload), "PATH": "/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with aiohttp.ClientSession() as http:
            yield await Janus(process, http).open()
    finally:
        process.kill()
        await process.wait()


def _prepare(folder: Path, event_loops: int) -> Path:
    folder.mkdir(parents=True)
    source, preload = folder / "lo.c", folder / "lo.so"
    source.write_text(_PRELOAD, encoding="ascii")
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", preload, source, "-ldl"], check=True)  # noqa: S603, S607
    loops = f"event_loops = {event_loops}\n" if event_loops else ""
    (folder / "janus.jcfg").write_text(
        f'general: {{ debug_level = 2\nadmin_secret = "x"\n{loops} }}\n'
        "media: { no_media_timer = 0 }\n"
        'nat: { ice_lite = true\nice_enforce_list = "127.0.0.1"\nice_ignore_list = "vmnet" }\n'
        'plugins: { disable = "libjanus_audiobridge.so,libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,'
        "libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,libjanus_textroom.so,"
        'libjanus_videocall.so,libjanus_voicemail.so" }\n'
        'transports: { disable = "libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so,'
        'libjanus_websockets.so" }\n',
        encoding="ascii",
    )
    (folder / "janus.transport.http.jcfg").write_text(
        f'general: {{ json = "compact"\nbase_path = "/janus"\nhttp = true\nport = {_PORT}\nip = "127.0.0.1"\n'
        "https = false }\nadmin: { admin_http = false }\n",
        encoding="ascii",
    )
    (folder / "janus.plugin.videoroom.jcfg").write_text("general: { }\n", encoding="ascii")
    return preload
