"""A caller in line: music, what is told and when, keys, and every way out."""

from __future__ import annotations

import pytest

from core.ids import QueueId, SkillId
from ivr.effects import (
    Announced,
    HangUp,
    Hush,
    JoinQueue,
    Key,
    LeaveQueue,
    Left,
    Listen,
    Music,
    Outlook,
    Over,
    Played,
    Recovered,
    Remember,
    Say,
    Served,
    TimedOut,
    Waiting,
)
from ivr.model import (
    REASONS,
    Choice,
    HangUpNode,
    MenuNode,
    Phase,
    QueueNode,
    SayNode,
    Spoken,
    StatusNode,
    Treatment,
)
from tests.unit.ivr.walks import ENGLISH, PATIENCE, Around, Caller, flow, said, waits

QUEUE = QueueId("licensing")
TOLD = Treatment(
    welcome=(Spoken("welcome"),),
    first_ms=20_000,
    every_ms=45_000,
    position=True,
    wait=True,
    comfort=((Spoken("one"),), (Spoken("two"),)),
    offer=(Spoken("offer"),),
    keys={"1": Choice("elsewhere"), "2": Choice("elsewhere", "en")},
    ways={"full": "full", "waited": "waited"},
)


def in_line(treatment: Treatment = TOLD, around: Around | None = None, after: str = "") -> Caller:
    caller = Caller(
        flow(
            queue=QueueNode(QUEUE, ((SkillId("oss"), 2),), 3, treatment, after),
            elsewhere=SayNode((Spoken("elsewhere"),), "queue"),
            full=HangUpNode((Spoken("full"),), "refused"),
            waited=HangUpNode((), "overflowed"),
            survey=SayNode((Spoken("how was it"),), "thanks"),
            thanks=HangUpNode((Spoken("thanks"),), "deflected"),
        ),
        around or Around(),
    )
    caller.begin()
    return caller


def with_music(caller: Caller) -> Caller:
    """Bring the caller to the music after the welcome."""
    caller.give(Waiting())
    caller.listen_to_the_end()
    assert caller.session.phase is Phase.WAITING
    return caller


def told(caller: Caller) -> list[str]:
    """Let the time come for an announcement, hear it to its end, and return it without its language."""
    effects = caller.give(TimedOut(caller.session.token))
    caller.listen_to_the_end()
    return [prompt.partition("/")[2] for prompt in said(effects)]


def test_the_line_is_asked_for_a_place_that_a_restart_finds() -> None:
    assert in_line().effects == [Remember(), JoinQueue(QUEUE, "id", ((SkillId("oss"), 2),), 3)]


def test_what_is_asked_of_an_agent_is_relaxed_but_for_the_language() -> None:
    oss = SkillId("oss")
    relaxed = QueueNode(QUEUE, ((oss, 3),), relax=((60_000, ((oss, 1),)), (120_000, ())))
    language = MenuNode((Spoken("language"),), {"2": Choice("queue", "en")}, PATIENCE)
    caller = Caller(flow(language=language, queue=relaxed))
    caller.begin()
    join = caller.press("2")[-1]
    assert isinstance(join, JoinQueue)
    assert join.needs == ((oss, 3), *ENGLISH)
    assert join.relax == ((60_000, ((oss, 1), *ENGLISH)), (120_000, ENGLISH))


def test_a_caller_who_joined_is_welcomed_and_then_hears_music() -> None:
    caller = in_line(around=Around(at_queue=Outlook(True, 3, 3, 250_000)))
    announced, say, remember = caller.give(Waiting())
    assert announced == Announced(QUEUE, 3, 250_000)
    assert said([say]) == [
        *("id/welcome", "id/wait.position", "id/n.3", "id/wait.about", "id/n.5", "id/wait.minutes")
    ]
    assert remember == Remember()
    assert caller.listen_to_the_end() == (Music(), Listen(caller.session.token, 45_000))


def test_without_a_treatment_there_is_music_and_nothing_else() -> None:
    caller = in_line(Treatment())
    assert caller.give(Waiting()) == (Music(),)
    assert caller.press("1") == ()
    assert caller.give(Waiting()) == ()


def test_with_nothing_to_say_at_first_the_first_announcement_comes_after_its_time() -> None:
    quiet = Treatment(first_ms=20_000, every_ms=45_000, comfort=((Spoken("one"),),))
    caller = in_line(quiet)
    assert caller.give(Waiting()) == (Music(), Listen(caller.session.token, 20_000))
    assert told(caller) == ["one"]


def test_what_got_worse_or_stayed_is_not_told_anew_and_comfort_comes_in_turn() -> None:
    around = Around(at_queue=Outlook(True, 3, 3, 240_000))
    caller = with_music(in_line(around=around))
    assert told(caller) == ["one", "offer"]
    around.at_queue = Outlook(True, 4, 4, 900_000)
    assert told(caller) == ["two", "offer"]
    around.at_queue = Outlook(True, 3, 2, 900_000)
    assert told(caller) == ["wait.position", "n.2", "offer"]
    around.at_queue = Outlook(True, 3, 2, 181_000)
    assert told(caller) == ["one", "offer"]
    around.at_queue = Outlook(True, 3, 1, 50_000)
    assert told(caller) == ["wait.next", "wait.soon", "offer"]
    assert told(caller) == ["two", "offer"]


@pytest.mark.parametrize(
    ("outlook", "expected"),
    [
        (Outlook(True, 0, 0, None), ["one", "offer"]),
        (Outlook(True, 0, 0, 240_000), ["wait.about", "n.4", "wait.minutes", "offer"]),
        (Outlook(True, 2, 2, None), ["wait.position", "n.2", "offer"]),
    ],
)
def test_only_what_is_known_is_told(outlook: Outlook, expected: list[str]) -> None:
    around = Around()
    caller = with_music(in_line(around=around))
    around.at_queue = outlook
    assert told(caller) == expected


def test_a_treatment_tells_only_what_it_is_asked_to_tell() -> None:
    around = Around(at_queue=Outlook(True, 2, 2, 240_000))
    only_wait = Treatment(every_ms=45_000, wait=True)
    caller = in_line(only_wait, around)
    assert said(caller.give(Waiting())) == ["id/wait.about", "id/n.4", "id/wait.minutes"]
    caller.listen_to_the_end()
    # Nothing new, no comfort and no offer: the music just goes on.
    token = caller.session.token
    assert caller.give(TimedOut(token)) == (Listen(token + 1, 45_000),)
    assert caller.session.phase is Phase.WAITING


def test_a_key_takes_the_caller_out_of_the_line_and_a_new_place_is_asked_for_later() -> None:
    caller = with_music(in_line())
    leave, say, remember = caller.press("2")
    assert leave == LeaveQueue("elsewhere")
    assert said([say]) == ["en/elsewhere"]
    assert remember == Remember()
    # The line may say so late that the caller stands in it.
    assert caller.give(Waiting()) == caller.give(Left("waited")) == ()
    remember, join = caller.listen_to_the_end()
    assert isinstance(join, JoinQueue)
    assert join.language == "en"


def test_a_key_interrupts_an_announcement_and_other_keys_mean_nothing() -> None:
    caller = with_music(in_line())
    assert caller.press("9#*") == ()
    caller.give(TimedOut(caller.session.token))
    assert caller.press("7") == ()
    assert caller.session.phase is Phase.SPEAKING
    assert caller.press("1")[:2] == (Hush(), LeaveQueue("elsewhere"))


def test_what_was_told_is_remembered_over_a_detour() -> None:
    around = Around(at_queue=Outlook(True, 3, 3, 240_000))
    caller = with_music(in_line(around=around))
    caller.press("1")
    caller.listen_to_the_end()
    assert said(caller.give(Waiting())) == ["id/welcome"]


def test_an_agent_ends_every_announcement_and_timer() -> None:
    caller = with_music(in_line())
    effects = caller.give(TimedOut(caller.session.token))
    assert isinstance(effects[-2], Say)
    before = caller.session.token
    assert caller.give(Served()) == (Hush(),)
    assert caller.give(Served(), Played(before), TimedOut(before), Key("1")) == ()
    assert caller.session.phase is Phase.SERVED


def test_a_caller_whose_agent_was_lost_hears_music_again_and_no_welcome() -> None:
    caller = with_music(in_line())
    caller.give(Served())
    assert caller.give(Waiting()) == (Music(), Listen(caller.session.token, 20_000))
    assert caller.give(Waiting()) == ()


def test_an_agent_who_comes_while_the_caller_leaves_the_line_is_heard() -> None:
    caller = with_music(in_line(after="survey"))
    caller.press("1")
    assert caller.give(Served()) == (Hush(),)
    assert said(caller.give(Over())) == ["id/how was it"]


@pytest.mark.parametrize("why", REASONS)
@pytest.mark.parametrize("phase", [Phase.JOINING, Phase.WAITING, Phase.SPEAKING, Phase.SERVED])
def test_whoever_the_line_does_not_keep_goes_the_way_for_it(why: str, phase: Phase) -> None:
    caller = in_line()
    if phase is not Phase.JOINING:
        with_music(caller)
    if phase is Phase.SPEAKING:
        caller.give(TimedOut(caller.session.token))
    if phase is Phase.SERVED:
        caller.give(Served())
    assert caller.session.phase is phase
    effects = [effect for effect in caller.give(Left(why)) if effect != Hush()]
    match why:
        case "full":
            assert said(effects) == ["id/full"]
            assert caller.listen_to_the_end() == (HangUp("refused", "full"),)
        case "waited" | "closed" | "empty":
            assert effects == [HangUp("overflowed", "waited")]
        case _:
            assert said(effects) == ["id/goodbye"]
            assert caller.listen_to_the_end() == (HangUp("overflowed", "(overflow)"),)


def test_after_the_conversation_the_flow_goes_on_where_the_queue_says() -> None:
    caller = with_music(in_line(after="survey"))
    caller.give(Served())
    assert said(caller.give(Over())) == ["id/how was it"]
    assert caller.give(Over(), Served(), Left("full"), Waiting()) == ()
    caller.listen_to_the_end()
    # The outcome is the conversation's, whatever the node says.
    assert caller.listen_to_the_end() == (HangUp("handled", "thanks"),)


def test_after_the_conversation_a_call_ends_if_nothing_is_to_follow() -> None:
    caller = with_music(in_line())
    caller.give(Served())
    assert caller.give(Over()) == (HangUp("handled", "queue"),)


def test_after_a_restart_the_music_is_asked_for_in_any_case() -> None:
    around = Around(at_queue=Outlook(True, 3, 3, 240_000))
    caller = with_music(in_line(around=around))
    for _ in range(2):
        effects = caller.give(Waiting(restart=True))
        assert [e for e in effects if e != Hush()] == [Music(), Listen(caller.session.token, 20_000)]
        caller.give(TimedOut(caller.session.token))
    assert caller.session.said[QUEUE][0] == 3


def test_a_caller_whom_the_line_gave_back_before_a_restart_asks_for_a_place_again() -> None:
    caller = with_music(in_line())
    assert caller.give(Recovered())[-1] == JoinQueue(QUEUE, "id", ((SkillId("oss"), 2),), 3)


def test_a_flow_that_lost_the_node_still_gives_music() -> None:
    caller = with_music(in_line())
    changed = Caller(flow(other=SayNode((Spoken("x"),), "line")), session=caller.session)
    assert Music() in changed.give(Waiting(restart=True))
    assert changed.press("1") == ()
    assert said(changed.give(Left("waited"))) == ["id/goodbye"]
    assert changed.listen_to_the_end() == (HangUp("overflowed", "(overflow)"),)


def status(around: Around, **changes: object) -> Caller:
    node = StatusNode(QUEUE, "queue", "closed", long_ms=600_000, long="long", **changes)  # type: ignore[arg-type]
    caller = Caller(
        flow(
            status=node,
            queue=QueueNode(QUEUE),
            closed=HangUpNode((Spoken("closed"),), "refused"),
            long=SayNode((Spoken("long"),), "queue"),
        ),
        around,
    )
    caller.begin()
    return caller


def test_how_things_stand_is_told_before_joining() -> None:
    caller = status(Around(at_queue=Outlook(True, 4, 5, 240_000)))
    assert caller.effects[0] == Announced(QUEUE, 5, 240_000)
    assert said(caller.effects)[:2] == ["id/wait.position", "id/n.5"]
    assert isinstance(caller.listen_to_the_end()[-1], JoinQueue)


@pytest.mark.parametrize(
    ("outlook", "expected"),
    [
        (Outlook(False, 9, 10, 240_000), ["id/closed"]),
        (Outlook(True, 9, 10, 600_000), ["id/long"]),
        (Outlook(True, 9, 0, 599_999), ["id/wait.about", "id/n.10", "id/wait.minutes"]),
        (Outlook(True, 9, 0, None), []),
    ],
)
def test_the_way_before_joining_depends_on_the_queue(outlook: Outlook, expected: list[str]) -> None:
    assert said(status(Around(at_queue=outlook)).effects) == expected


def test_a_key_skips_what_is_told_before_joining() -> None:
    caller = status(Around(at_queue=Outlook(True, 4, 5, 240_000)))
    assert caller.press("1")[0] == Hush()
    assert waits(caller.effects) == []
    assert caller.session.phase is Phase.JOINING
