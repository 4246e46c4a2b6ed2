"""A wait that is told on the telephone is written down, and so is how long it was."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from pbx.probe.listen import until_sound
from tests.integration.centre_fixture import MENU, running_centre
from tests.waiting import until

TOLD = MENU.replace(
    "licensing: {kind: queue, queue: licensing}",
    "licensing:\n    kind: queue\n    queue: licensing\n"
    "    waiting: {first: 5 s, every: 15 s, position: true, wait: true}",
)


async def test_a_told_wait_gets_its_truth_and_is_reported(tmp_path: Path) -> None:
    async with running_centre(tmp_path, TOLD) as centre:
        url = f"sqlite:///{make_url(centre.settings.database).database}"

        def rows() -> list[tuple[object, ...]]:
            engine = create_engine(url)
            with engine.connect() as connection:
                found = connection.execute(text("select * from predictions order by at")).all()
            engine.dispose()
            return [tuple(row) for row in found]

        await centre.on_duty("ag101")
        first, _ = await centre.in_line()
        agent = await centre.answered()
        second, identity = await centre.in_line()
        await until_sound(second.heard)
        told = (await until(rows, within=30))[0]
        await agent.hang_up()
        await first.ended()
        agent = await centre.answered()
        await centre.until_phase(identity, "talking")

        def settled() -> tuple[object, ...] | None:
            return next((row for row in rows() if row[7] is not None), None)

        truth = await until(settled)
        status, said = await centre.run("waits", "--days", "1")
        await second.hang_up()
        await agent.ended()
        await centre.nothing_left()
    interaction, at, queue, channel, predicted, position, basis, waited, answered = truth or told
    assert (interaction, queue, channel, basis) == (identity, "licensing", "voice", "place")
    assert position in (0, 1)
    # Nothing was learned yet: a call takes what is assumed of calls, about ten minutes.
    assert isinstance(predicted, int)
    assert 300_000 < predicted < 2_000_000
    assert isinstance(waited, int)
    assert 0 < waited < 60_000
    assert answered
    assert isinstance(at, int)
    assert told[:2] == (interaction, at)
    assert status == 0, said
    assert "licensing" in said
    assert "100%" in said
