"""Two real browsers in a call through a worker: what it costs, and how long a killed worker is missed."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from core.errors import TryLater
from sambung.bench.video_run import WorkerProcess, cpu_s, running_workers
from video.model import ParticipantId, Role, RoomId
from video.service import VideoService

_ROOM: Final = RoomId("c" * 32)
_PORT: Final = 18_760

_FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
)

_PAGE: Final = """<!doctype html><meta charset="utf-8"><body><script>
let pc, stream;
async function open_() {
  stream = stream || await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360 } });
  if (pc) pc.close();
  document.body.replaceChildren();
  pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  pc.ontrack = (event) => {
    const element = document.createElement(event.track.kind);
    element.autoplay = true;
    element.muted = true;
    element.srcObject = new MediaStream([event.track]);
    document.body.append(element);
  };
  for (const track of stream.getTracks()) pc.addTransceiver(track, { direction: "sendonly" });
  pc.addTransceiver("audio", { direction: "recvonly" });
  pc.addTransceiver("video", { direction: "recvonly" });
  await pc.setLocalDescription(await pc.createOffer());
  return pc.localDescription.sdp;
}
const take = (sdp) => pc.setRemoteDescription({ type: "answer", sdp });
async function count() {
  const found = { decoded: 0, packets: 0 };
  for (const report of (await pc.getStats()).values()) {
    if (report.type !== "inbound-rtp") continue;
    found.packets += report.packetsReceived;
    if (report.kind === "video") found.decoded = report.framesDecoded;
  }
  return found;
}
</script>"""


def missing() -> str:
    """Return why there is no call to measure here; empty if there is."""
    try:
        import playwright  # noqa: F401
    except ImportError:
        return "no playwright"
    return "" if shutil.which("chromium") else "no chromium"


async def cost(seconds: float) -> tuple[float, float]:
    """Return the share of a core that a call of two takes, and packets forwarded a second."""
    async with _stage() as (service, pages, (process, _)):
        await _meet(service, pages)
        before, cpu, began = await _packets(pages), cpu_s(process.pid), time.monotonic()
        await asyncio.sleep(seconds)
        took = time.monotonic() - began
        return (cpu_s(process.pid) - cpu) / took, (await _packets(pages) - before) / took


async def outage() -> float:
    """Return the seconds from ``kill -9`` of a worker, of two, until both see each other again."""
    async with _stage() as (service, pages, (process, _)):
        await _meet(service, pages)
        began = time.monotonic()
        process.kill()
        await process.wait()
        for _ in range(5_000):
            if _ROOM not in service.rooms:
                break
            await asyncio.sleep(0.001)
        await _meet(service, pages)
        return time.monotonic() - began


async def _meet(service: VideoService, pages: list[Any]) -> None:
    """Let both join, and wait until each has decoded a picture."""
    while True:
        with suppress(TryLater):
            await service.create_room(_ROOM)
            break
        await asyncio.sleep(0.02)

    async def join(number: int, page: Any) -> None:
        offer = await page.evaluate("open_()")
        joined = await service.join(_ROOM, ParticipantId(f"p{number}"), Role.PARTICIPANT, offer)
        await page.evaluate("(sdp) => take(sdp)", joined.answer)
        await page.wait_for_function("async () => (await count()).decoded > 0", polling=20)

    async with asyncio.TaskGroup() as tasks:
        for number, page in enumerate(pages):
            tasks.create_task(join(number, page), name=f"join:{number}")


async def _packets(pages: list[Any]) -> int:
    return sum([(await page.evaluate("count()"))["packets"] for page in pages])


@asynccontextmanager
async def _stage() -> AsyncIterator[tuple[VideoService, list[Any], list[WorkerProcess]]]:
    from playwright.async_api import async_playwright

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=_PAGE, content_type="text/html")

    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sambung-call-"))
        app = web.Application()
        app.router.add_get("/", page)
        runner = web.AppRunner(app)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        service, processes = await stack.enter_async_context(
            running_workers(Path(folder) / "worker", _PORT, 2)
        )
        playwright = await stack.enter_async_context(async_playwright())
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(_FLAGS), env={**os.environ, "HOME": folder}
        )
        stack.push_async_callback(browser.close)
        pages = [await browser.new_page() for _ in range(2)]
        for one in pages:
            await one.goto(f"http://127.0.0.1:{runner.addresses[0][1]}/")
        yield service, pages, processes
