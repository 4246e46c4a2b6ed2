"""The centre's files are read again while calls go on, on the real Asterisk: prompts are tones here."""

from __future__ import annotations

import signal
from pathlib import Path

from pbx.probe.listen import until_tone
from pbx.probe.wav import read
from tests.integration.asterisk_fixture import write_tone
from tests.integration.centre_fixture import AGENT_HZ, running_centre
from tests.waiting import until

OLD_HZ, NEW_HZ = 700, 1500
MENU = """\
numbers: ["169", "021169", "+6221169"]
start: topic
nodes:
  topic:
    kind: menu
    prompts: [{prompt}]
    choices: {{1: {queue}}}
    repeat: "*"
    timeout: 30 s
    on_timeout: {queue}
    on_invalid: {queue}
  {queue}: {{kind: queue, queue: {queue}}}
"""
OLD, NEW = MENU.format(prompt="greeting", queue="licensing"), MENU.format(prompt="language", queue="lkpm")


def tones(folder: Path) -> None:
    for name, hertz in (("greeting", OLD_HZ), ("language", NEW_HZ)):
        for language in ("id", "en"):
            path = folder / "config" / "centre" / "prompts" / language / f"{name}.wav"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_tone(path, hertz, 1.0)


async def test_new_calls_get_the_new_menu_and_a_call_in_it_keeps_its_own(tmp_path: Path) -> None:
    async with running_centre(tmp_path, OLD, prepare=tones) as centre:
        await centre.on_duty("ag101")
        menu = tmp_path / "config" / "centre" / "ivr" / "main.yaml"
        talker, _ = await centre.in_line()
        agent = await centre.answered()
        early = await centre.dial()
        await until_tone(early.heard, OLD_HZ)

        menu.write_text(NEW.replace("kind: queue", "kind: quue"))
        status, said = await centre.run("reload")
        assert status == 1
        assert "main.yaml:12: nodes.lkpm.kind" in said
        assert "nothing was changed" in said
        unchanged = await centre.dial()
        await until_tone(unchanged.heard, OLD_HZ)
        await unchanged.hang_up()

        menu.write_text(NEW)
        status, said = await centre.run("reload")
        assert (status, said.partition(".")[0]) == (0, "New calls get the menus as they are now")

        # The talk goes on, the early caller hears the old menu again, a late one the new.
        await until_tone(talker.heard, AGENT_HZ, after_ms=read(talker.heard).ms)
        heard = read(early.heard).ms
        await early.press("*")
        await until_tone(early.heard, OLD_HZ, after_ms=heard)
        late = await centre.dial()
        await until_tone(late.heard, NEW_HZ)
        await early.press("1")
        await late.press("1")

        async def queues() -> bool:
            found = [s.interaction for s in await centre.recent() if s.interaction.phase == "waiting"]
            return sorted(contact.queue or "" for contact in found) == ["licensing", "lkpm"]

        await until(queues)
        for call in (early, late, agent):
            await call.hang_up()
        await talker.ended()
        await centre.nothing_left()


async def test_a_signal_reads_the_rules_of_the_line_and_a_text_that_changed(tmp_path: Path) -> None:
    async with running_centre(tmp_path, OLD, prepare=tones) as centre:
        before = centre.process("control")
        queues = tmp_path / "config" / "centre" / "queues.yaml"
        queues.write_text(queues.read_text().replace("offer: 8 s", "offer: 5 s"))
        prompts = tmp_path / "config" / "centre" / "prompts.yaml"
        prompts.write_text(
            prompts.read_text().replace("Thank you for calling.", "Thank you very much indeed.")
        )
        for language in ("id", "en"):
            (tmp_path / "config" / "centre" / "prompts" / language / "greeting.wav").unlink()
        sound = centre.settings.asterisk.prompts / "en" / "greeting.wav"
        tone = sound.read_bytes()
        centre.signal("control", signal.SIGHUP)
        await until(lambda: sound.read_bytes() != tone, within=30)

        await centre.on_duty("ag101")
        _, identity = await centre.in_line()
        ringing = await centre.desks.incoming(20)
        await ringing.ended(within=8)
        history = await centre.history(identity)
        assert history.interaction.phase in {"waiting", "offered"}
        assert centre.process("control").pid == before.pid
