"""Whose leg is whose: turns what Asterisk tells of a leg into what happens to a call."""

from __future__ import annotations

from core.ids import InteractionId, LegId, OfferId
from pbx.call import AgentAnswered, AgentLeft, CustomerLeft, Happening, LegDown, LegUp, OutsideDown, OutsideUp
from pbx.dial_model import outside_of
from pbx.model import offer_of
from pbx.track import Track, watched


class Directory:
    """The calls by their customers' legs, offers and consultations. Other legs say whose they are by their names."""

    def __init__(self, generation: str) -> None:
        self._generation = generation
        self.customers: dict[LegId, InteractionId] = {}
        self.offers: dict[OfferId, InteractionId] = {}
        self.consults: dict[InteractionId, InteractionId] = {}

    def clear(self) -> None:
        """Forget all."""
        self.customers.clear()
        self.offers.clear()
        self.consults.clear()

    def remember(self, track: Track) -> None:
        """Know the legs of a call that goes on after a restart."""
        consult = track.call.consult
        for part in (track.call.agent, consult.other if consult else None):
            if part:
                self.offers[part.offer] = track.call.id
                track.offers.append(part.offer)
        if consult:
            self.consults[consult.id] = track.call.id
            track.consults.append(consult.id)

    def forget(self, track: Track) -> None:
        """Know nothing of a call any more."""
        for offer in track.offers:
            self.offers.pop(offer, None)
        for consult in track.consults:
            self.consults.pop(consult, None)
        self.customers.pop(track.call.leg, None)

    def customer(self, leg: LegId) -> InteractionId | None:
        """Return the call whose customer ``leg`` is, or may be once it has answered."""
        return self.customers.get(leg) or outside_of(leg, self._generation)

    def entered(self, leg: LegId) -> tuple[InteractionId, Happening] | None:
        """Return what it means that ``leg`` entered the application, and to which call."""
        offer = offer_of(leg, self._generation)
        if offer is not None:
            owner = self.offers.get(offer)
            return (owner, AgentAnswered(offer, leg)) if owner else None
        if (owner := outside_of(leg, self._generation)) is not None:
            return owner, OutsideUp(leg)
        if (owner := watched(leg, self._generation)) is not None:
            return owner, LegUp(leg)
        return None

    def left(self, leg: LegId, cause: int, now: int) -> tuple[InteractionId, Happening] | None:
        """Return what it means that ``leg`` is gone (``cause``: Q.850), and to which call."""
        if leg in self.customers:
            return self.customers[leg], CustomerLeft()
        offer = offer_of(leg, self._generation)
        if offer is not None:
            owner = self.offers.get(offer)
            return (owner, AgentLeft(offer, cause)) if owner else None
        if (owner := outside_of(leg, self._generation)) is not None:
            return owner, OutsideDown(leg, cause, now)
        if (owner := watched(leg, self._generation)) is not None:
            return owner, LegDown(leg)
        return None
