"""The hot path: a decrypted packet in, the packets to send out. Pure and explicit, so that it can become native.

Everything here takes the time as an argument and returns ``(packet, destination)`` pairs; what a destination is on
the network, and encryption, are the caller's. RTP and RTCP share the list: RTCP has a second byte of 192 to 223.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from video import rtp
from video.control_packets import keyframe_due, on_rtcp, on_tick
from video.streams import Counters, Destination, Peer, Slot, Source

Out = list[tuple[bytes, Destination]]

_pack = rtp.HEADER.pack
_unpack = rtp.HEADER.unpack_from


class Forwarder:
    """All streams of a worker."""

    def __init__(self, packet_limit: int) -> None:
        """``packet_limit`` is in bytes of a decrypted packet."""
        self.counters: Final = Counters()
        self._peers: dict[Destination, Peer] = {}
        self._limit = packet_limit

    # --- who is there --------------------------------------------------------------------------------------

    def join(self, peer: Peer, sources: Iterable[Source], slots: Iterable[Slot]) -> None:
        """Take a connection in."""
        self._peers[peer.id] = peer
        for source in sources:
            peer.sources[source.ssrc] = source
            if source.rtx_ssrc:
                peer.repairs[source.rtx_ssrc] = source
        for slot in slots:
            peer.slots[slot.ssrc] = slot

    def leave(self, peer: Destination) -> None:
        """Let a connection go: its slots are emptied, and so are those that showed it."""
        gone = self._peers.pop(peer, None)
        if gone is None:
            return
        for slot in gone.slots.values():
            slot.show(None)
        for source in list(gone.sources.values()):
            self.drop(gone, source)

    def drop(self, peer: Peer, source: Source) -> None:
        """Take a stream away from everybody who sees it."""
        for slot in source.slots:
            slot.show(None)
        peer.sources.pop(source.ssrc, None)
        peer.repairs.pop(source.rtx_ssrc, None)

    def attach(self, slot: Slot, source: Source | None, now: float) -> Out:
        """Show ``source`` in ``slot``. Raises KeyError if the subscriber cannot decode it."""
        slot.show(source)
        return [] if source is None else self.keyframe(source, now)

    def mute(self, source: Source, muted: bool, now: float) -> Out:
        """Keep a stream from everybody, or let it through again from the next keyframe on."""
        source.muted = muted
        for slot in source.slots:
            slot.open = False
        return [] if muted else self.keyframe(source, now)

    def keyframe(self, source: Source, now: float) -> Out:
        """Want a keyframe: ask for it as soon as the limit allows, and again until it comes."""
        return keyframe_due(source, now, self.counters)

    # --- packets -------------------------------------------------------------------------------------------

    def rtp(self, sender: Destination, packet: bytes, now: float) -> Out:
        """Forward a packet of ``sender``. Raises ValueError or IndexError for one that cannot be read."""
        counters = self.counters
        counters.received += 1
        size = len(packet)
        if size > self._limit:
            counters.oversized += 1
            return []
        peer = self._peers[sender]
        _, _, sequence, timestamp, ssrc = _unpack(packet)
        source = peer.sources.get(ssrc)
        if source is None:
            return self._repair(peer, packet, ssrc, now)
        if not peer.rate.spend(size, now):
            counters.over_rate += 1
            return []
        at = rtp.payload_at(packet)
        if packet[0] & 0x10:
            packet = self._stamped(peer, source, packet, now)
        return self._deliver(source, packet, at, sequence, timestamp, now)

    def _stamped(self, peer: Peer, source: Source, packet: bytes, now: float) -> bytes:
        """Return a packet that has a header extension fit to be forwarded."""
        body = bytearray(packet)
        transport = rtp.stamp(body, source.ids, rtp.send_time(now))
        if transport >= 0:
            peer.arrivals.add(transport, now)
        return bytes(body)

    def _repair(self, peer: Peer, packet: bytes, ssrc: int, now: float) -> Out:
        """Take a retransmission, or find the packet to be nobody's."""
        source = peer.repairs.get(ssrc)
        if source is None:
            self.counters.foreign += 1
            return []
        if not peer.rate.spend(len(packet), now):
            self.counters.over_rate += 1
            return []
        at = rtp.payload_at(packet)
        if packet[0] & 0x10:
            packet = self._stamped(peer, source, packet, now)
        original = rtp.from_rtx(packet, source.format.payload_type, source.ssrc)
        if original is None:
            return []
        _, _, sequence, timestamp, _ = _unpack(original)
        return self._deliver(source, original, at, sequence, timestamp, now)

    def _deliver(
        self, source: Source, packet: bytes, at: int, sequence: int, timestamp: int, now: float
    ) -> Out:
        reception = source.reception
        number = reception.take(sequence, timestamp, packet, now)
        if number < 0:
            self.counters.repeated += 1
            return []
        source.last_at = now
        out: Out = []
        if reception.fresh:
            out.append((rtp.nack(source.ssrc, reception.fresh), source.owner))
            self.counters.nacks_out += len(reception.fresh)
            reception.fresh.clear()
        if reception.restarted:
            reception.restarted = False
            for slot in source.slots:
                slot.open = False
            out += self.keyframe(source, now)
        key = source.begins_keyframe(packet, at)
        if key:
            source.keyframes += 1
            self.counters.keyframes += 1
            source.wanted = False
        if source.tap:
            out.append((packet, source.tap))
        if not source.muted:
            before = len(out)
            self._fan_out(source, packet, (number, timestamp, key), out, now)
            self.counters.forwarded += len(out) - before
        return out

    def _fan_out(
        self, source: Source, packet: bytes, place: tuple[int, int, bool], out: Out, now: float
    ) -> None:
        number, timestamp, key = place
        flags, marker = packet[0], packet[1] & 0x80
        ids, tail = source.ids, packet[12:]
        for slot in source.slots:
            if not slot.open:
                if not key:
                    continue
                slot.begin(number, timestamp, now)
            elif number < slot.first:
                continue
            if flags & 0x10 and slot.ids is not ids and slot.ids[1:] != ids[1:]:
                copy = bytearray(packet)
                rtp.renumber(copy, ids, slot.ids)
                rest = bytes(copy[12:])
            else:
                rest = tail
            sent = number + slot.shift
            shown = timestamp + slot.time_shift & 0xFFFFFFFF
            head = _pack(flags, marker | slot.payload_type, sent & 0xFFFF, shown, slot.ssrc)
            out.append((head + rest, slot.owner))
            slot.packets += 1
            slot.octets += len(rest)
            if sent > slot.last:
                slot.last, slot.last_timestamp, slot.last_at = sent, shown, now

    def rtcp(self, sender: Destination, packet: bytes, now: float) -> Out:
        """Act on a compound RTCP packet of ``sender``. Raises ValueError and the like for a malformed one."""
        peer = self._peers[sender]
        if not peer.reports.spend(1, now):
            self.counters.over_rate += 1
            return []
        return on_rtcp(self._peers, peer, packet, now, self.counters)

    def tick(self, now: float) -> Out:
        """Do what is due: feedback, reports, requests repeated. Call it every 50 ms."""
        out: Out = []
        for peer in self._peers.values():
            if peer.sources:
                out += on_tick(self._peers, peer, now, self.counters)
        return out
