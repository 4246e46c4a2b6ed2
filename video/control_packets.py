"""RTCP of the hot path: loss, keyframes, reports, congestion. Pure: time is an argument.

No report passes through: a publisher hears from us how its packets reached us, a subscriber how ours left.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiortc.rtp import (
    AnyRtcpPacket,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    unpack_remb_fci,
)

from video import rtp
from video.model import REMB_FLOOR, Kind
from video.streams import Counters, Destination, Peer, Slot, Source

Out = list[tuple[bytes, Destination]]

SPACING_S: Final = 0.3
"""A source is asked for a keyframe at most once in so long, however many want one."""
_REPEAT_S: Final = 0.5
_FEEDBACK_S: Final = 0.1
_REPORT_S: Final = 1.0
_FULL: Final = 1.3
"""A line whose estimate is within this much of what it is sent is full."""
_NACKED: Final = 256
"""Numbers in one NACK that are looked at."""
_PLI, _FIR, _APPLICATION, _NACK = 1, 4, 15, 1


def keyframe_due(source: Source, now: float, counters: Counters) -> Out:
    """Want a keyframe and ask for it, unless it was asked for a moment ago; `on_tick` asks again."""
    if source.kind is not Kind.VIDEO:
        return []
    source.wanted = True
    if now - source.asked_at < SPACING_S:
        return []
    source.asked_at = now
    source.requests += 1
    counters.keyframe_requests_out += 1
    return [(rtp.pli(source.ssrc), source.owner)]


# --- what clients say --------------------------------------------------------------------------------------


def on_rtcp(
    peers: Mapping[Destination, Peer], peer: Peer, packet: bytes, now: float, counters: Counters
) -> Out:
    """Act on what ``peer`` says."""
    out: Out = []
    for one in RtcpPacket.parse(packet):
        out += _said(peer, one, now, counters)
    return out


def _said(peer: Peer, one: AnyRtcpPacket, now: float, counters: Counters) -> Out:
    match one:
        case RtcpSrPacket():
            source = peer.sources.get(one.ssrc)
            for report in one.reports:
                _heard(peer, report, now)
            return _sender_report(source, one.sender_info, now) if source else []
        case RtcpRrPacket():
            for report in one.reports:
                _heard(peer, report, now)
        case RtcpRtpfbPacket(fmt=1):
            slot = peer.slots.get(one.media_ssrc)
            return _resend(slot, one.lost[:_NACKED], now, counters) if slot else []
        case RtcpPsfbPacket(fmt=15):
            peer.estimate = unpack_remb_fci(one.fci)[0]
        case RtcpPsfbPacket(fmt=1) | RtcpPsfbPacket(fmt=4):
            ssrc = int.from_bytes(one.fci[:4], "big") if one.fmt == _FIR else one.media_ssrc
            slot = peer.slots.get(ssrc)
            if slot is not None and slot.source is not None:
                counters.keyframe_requests_in += 1
                return keyframe_due(slot.source, now, counters)
    return []


def _sender_report(source: Source, info: RtcpSenderInfo, now: float) -> Out:
    source.report = (info.ntp_timestamp, info.rtp_timestamp, now)
    out: Out = []
    for slot in source.slots:
        if not slot.open:
            continue
        shown = info.rtp_timestamp + slot.time_shift & 0xFFFFFFFF
        ours = RtcpSenderInfo(info.ntp_timestamp, shown, slot.packets & 0xFFFFFFFF, slot.octets & 0xFFFFFFFF)
        out.append((bytes(RtcpSrPacket(slot.ssrc, ours)), slot.owner))
        slot.passed_on(info.ntp_timestamp, now)
    return out


def _heard(peer: Peer, report: RtcpReceiverInfo, now: float) -> None:
    slot = peer.slots.get(report.ssrc)
    if slot is None:
        return
    slot.loss = report.fraction_lost / 256
    sent = slot.reports.get(report.lsr)
    if sent is not None:
        slot.round_trip = max(now - sent - report.dlsr / 65_536, 0.0)


def _resend(slot: Slot, lost: list[int], now: float, counters: Counters) -> Out:
    """Answer a NACK from what the source keeps."""
    source, out = slot.source, Out()
    counters.nacks_in += len(lost)
    if source is None or not slot.open or source.muted:
        return out
    for sequence in (n & 0xFFFF for n in lost):  # aiortc counts on past 65,535
        step = (sequence - slot.last) & 0xFFFF
        number = slot.last + (step if step < 0x8000 else step - 0x10000) - slot.shift
        packet = source.reception.packet(number) if number >= slot.first else None
        if packet is None or not slot.resends.spend(1, now):
            continue
        out.append((_again(slot, source, packet, sequence, now), slot.owner))
        counters.resent += 1
    return out


def _again(slot: Slot, source: Source, packet: bytes, sequence: int, now: float) -> bytes:
    body = bytearray(packet)
    # With the time of the first sending, the receiver would take the repair for a line that slows down.
    rtp.stamp(body, source.ids, rtp.send_time(now))
    if slot.ids[1:] != source.ids[1:]:
        rtp.renumber(body, source.ids, slot.ids)
    flags, marker, _, timestamp, _ = rtp.HEADER.unpack_from(body)
    shown = timestamp + slot.time_shift & 0xFFFFFFFF
    head = rtp.HEADER.pack(flags, marker & 0x80 | slot.payload_type, sequence, shown, slot.ssrc)
    whole = head + bytes(body[rtp.HEADER.size :])
    if not slot.rtx_type:
        return whole
    slot.rtx_sequence = slot.rtx_sequence + 1 & 0xFFFF
    return rtp.to_rtx(whole, rtp.payload_at(whole), slot.rtx_type, slot.rtx_sequence, slot.rtx_ssrc)


# --- what is due -------------------------------------------------------------------------------------------


def on_tick(peers: Mapping[Destination, Peer], peer: Peer, now: float, counters: Counters) -> Out:
    """Tell a publisher what it has to hear by now."""
    out: Out = []
    for source in peer.sources.values():
        if source.reception.missing:
            again, lost = source.reception.overdue(now)
            if again:
                counters.nacks_out += len(again)
                out.append((rtp.nack(source.ssrc, again), peer.id))
            if lost:
                out += keyframe_due(source, now, counters)
        # A source that does not send (a camera that is off) has no keyframe to give.
        if source.wanted and now - source.asked_at >= _REPEAT_S and now - source.last_at < 2.0:
            out += keyframe_due(source, now, counters)
    if peer.arrivals.pending and now - peer.feedback_at >= _FEEDBACK_S:
        peer.feedback_at = now
        ssrc = next(iter(peer.sources))
        out += [(packet, peer.id) for packet in peer.arrivals.feedback(ssrc)]
    if now - peer.report_at >= _REPORT_S:
        peer.report_at = now
        out += _reports(peers, peer, now)
    return out


def _reports(peers: Mapping[Destination, Peer], peer: Peer, now: float) -> Out:
    blocks = []
    for source in peer.sources.values():
        if source.reception.highest >= 0:
            ntp, _, at = source.report or (0, 0, now)
            since = int((now - at) * 65_536) if ntp else 0
            blocks.append(source.reception.report(source.ssrc, ntp >> 16 & 0xFFFFFFFF, since))
    if not blocks:
        return []
    packet = bytes(RtcpRrPacket(0, blocks))
    video = [source for source in peer.sources.values() if source.kind is Kind.VIDEO]
    if video:
        packet += rtp.remb(_allowance(peers, peer, video, now), [source.ssrc for source in video])
    return [(packet, peer.id)]


def _allowance(peers: Mapping[Destination, Peer], peer: Peer, video: list[Source], now: float) -> int:
    """Return what a publisher may send: as much as it is allowed and every participant's line takes."""
    least = peer.bitrate
    for owner in {slot.owner for source in video for slot in source.slots}:
        receiver = peers.get(owner)
        if receiver is None or not receiver.counts or receiver.estimate is None:
            continue
        receiver.measure(now)
        if receiver.estimate > receiver.sent * _FULL:
            # The line was not tried: a screen that is shared all at once must not begin at the rate of a still one.
            continue
        showing = {s.source.owner for s in receiver.slots.values() if s.source and s.kind is Kind.VIDEO}
        least = min(least, receiver.estimate // max(len(showing), 1))
    return max(least, REMB_FLOOR)
