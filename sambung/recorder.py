"""The recorder process: finishes what Asterisk recorded. Control may be up, down or restarting meanwhile."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from core.clock import SystemClock
from recording.spool import Spool
from recording.voicemail import Keeper
from recording.worker import Recorder
from sambung.notify import Notifier, watchdog
from sambung.settings import Settings
from store.recordings import SqlRecordings
from store.voicemails import SqlVoicemails

if TYPE_CHECKING:
    from video.record import MediaRecorder


async def main(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    notifier = Notifier.from_environment()
    rows = await SqlRecordings.open(settings.database)
    messages = await SqlVoicemails.open(settings.database)
    recorder = Recorder(rows, Spool(settings.asterisk.spool, settings.recordings), SystemClock())
    keeper = Keeper(messages, settings.messages, settings.recordings, SystemClock())
    try:
        async with _rooms(settings) as rooms, asyncio.TaskGroup() as tasks:
            work = [
                tasks.create_task(watchdog(notifier), name="watchdog"),
                tasks.create_task(recorder.run(notifier.ready), name="recorder"),
                tasks.create_task(keeper.run(), name="voicemail"),
            ]
            if rooms is not None:
                work.append(tasks.create_task(rooms.run(), name="rooms"))
            await stop.wait()
            notifier.stopping()
            for task in work:
                task.cancel()
    finally:
        await messages.close()
        await rows.close()


@asynccontextmanager
async def _rooms(settings: Settings) -> AsyncIterator[MediaRecorder | None]:
    """Open the recorder of video rooms, while the block lasts; None if the centre has no workers and never had."""
    video = settings.video
    if not video.workers and not video.spool.exists():
        yield None
        return
    from store.media import SqlMedia
    from video.record import MediaRecorder  # codecs: half of what starting takes

    media = await SqlMedia.open(settings.database)
    try:
        yield MediaRecorder(video.recorder_socket, video.spool, settings.recordings, media)
    finally:
        await media.close()
