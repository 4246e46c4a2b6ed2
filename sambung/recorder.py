"""The recorder process: finishes what Asterisk recorded. Control may be up, down or restarting meanwhile."""

from __future__ import annotations

import asyncio
import signal

from core.clock import SystemClock
from recording.spool import Spool
from recording.voicemail import Keeper
from recording.worker import Recorder
from sambung.notify import Notifier, watchdog
from sambung.outside import messages_folder
from sambung.settings import Settings
from store.media import SqlMedia
from store.recordings import SqlRecordings
from store.voicemails import SqlVoicemails
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
    keeper = Keeper(messages, messages_folder(settings), settings.recordings, SystemClock())
    video = settings.video
    media = await SqlMedia.open(settings.database)
    rooms = MediaRecorder(video.recorder_socket, video.spool, settings.recordings, media)
    try:
        async with asyncio.TaskGroup() as tasks:
            work = [
                tasks.create_task(watchdog(notifier), name="watchdog"),
                tasks.create_task(recorder.run(notifier.ready), name="recorder"),
                tasks.create_task(keeper.run(), name="voicemail"),
                tasks.create_task(rooms.run(), name="rooms"),
            ]
            await stop.wait()
            notifier.stopping()
            for task in work:
                task.cancel()
    finally:
        await media.close()
        await messages.close()
        await rows.close()
