"""What a visit says to its pages, and does for them."""

from __future__ import annotations

from collections.abc import Callable

from core.errors import Gone, Refused, TryLater
from core.ids import AgentId
from video import pages
from video.book import Book
from video.file_rules import LIMITS, FileKind
from video.messages import Joined
from video.model import Role
from video.visit import VISITOR, Guest, Stage
from video.visit_ports import Page, RoomService, VisitLine
from video.visit_track import Track, Who


def state_of(
    track: Track, guest: Guest, line: VisitLine, name_of: Callable[[AgentId], str], now: int
) -> pages.State:
    """Return what the page of ``guest`` shows at ``now`` (milliseconds UTC)."""
    id_, waiting = track.visit.id, track.stage is Stage.WAITING
    return pages.State(
        me=guest.id,
        stage=track.stage,
        since=track.since,
        now=now,
        position=line.position(id_) if waiting else None,
        wait_ms=track.promise(line.predicted_ms(id_)) if waiting else None,
        people=track.people(name_of),
        recorded=track.recorded,
        telephone=track.telephones.visitors,
    )


async def welcome(track: Track, page: Page, book: Book) -> None:
    """Show a page that was just opened what was written so far, and what may be handed over."""
    page.send(pages.dump(pages.Rules(LIMITS.largest, LIMITS.most, tuple(FileKind))))
    lines = tuple(await book.messages(track.visit.id))
    track.lines = len(lines)
    page.send(pages.dump(pages.Chat(lines)))


async def write(track: Track, who: Who, page: Page, line: pages.Write, book: Book, now: int) -> None:
    """Keep a line of chat and show it to everybody, its writer too: that is how a page knows that it is kept."""
    guest = track.guest(who)
    if guest is None or guest.role is Role.LISTENER:
        page.send(pages.dump(pages.Problem("refused", "who only listens is not heard")))
        return
    if track.lines >= pages.MOST_LINES:
        page.send(pages.dump(pages.Problem("refused", f"a call has at most {pages.MOST_LINES} lines")))
        return
    sender = VISITOR if who is None else who
    kept = await book.say(track.visit.id, line.key, now, sender, line.text.strip())
    track.lines += 1
    track.tell_all(pages.Chat((kept,)))


async def join(
    track: Track, who: Who, page: Page, offer: pages.Join | pages.Renew, rooms: RoomService
) -> None:
    """Let a page's media in, or say why not."""
    guest = track.guest(who)
    if guest is None or not guest.invited or track.stage is Stage.OVER:
        page.send(pages.dump(pages.Problem("gone", "not invited (any more)")))
        return
    try:
        joined = await _ask(track, guest, offer, rooms)
    except TryLater as error:
        page.send(pages.dump(pages.Problem("later", str(error), int(error.after_s * 1_000))))
    except (Gone, Refused) as error:
        code = "gone" if isinstance(error, Gone) else "refused"
        page.send(pages.dump(pages.Problem(code, str(error))))
    else:
        page.send(pages.dump(pages.Answer(joined.answer, joined.shown)))


async def _ask(track: Track, guest: Guest, offer: pages.Join | pages.Renew, rooms: RoomService) -> Joined:
    room = track.visit.room_id
    if isinstance(offer, pages.Renew):
        return await rooms.offer(room, guest.id, offer.sdp, offer.labels)
    return await rooms.join(room, guest.id, guest.role, offer.sdp, offer.labels)
