"""A client's offer as a value, and our answer as text (RFC 8829). Reading is aiortc's; answers it cannot write.

A section that sends becomes a source here, one that receives a slot; one may do both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.sdp import (
    H264Profile,
    MediaDescription,
    SessionDescription,
    parameters_to_sdp,
    parse_h264_profile_level_id,
)

from core.errors import Refused
from video.ice import Address, Credentials
from video.model import Codec, Extensions, Format, Kind, Mid

_LONGEST: Final = 65_536
_SECTIONS: Final = 32

_URIS: Final = {
    "transport_sequence": "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "send_time": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "level": "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "orientation": "urn:3gpp:video-orientation",
}
_FROM_CLIENT: Final = ("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc")
_TO_CLIENT: Final = ("nack", "nack pli", "ccm fir", "goog-remb")
_MID: Final = re.compile(r"[A-Za-z0-9_.+-]{1,32}")
_BASELINE: Final = {H264Profile.PROFILE_CONSTRAINED_BASELINE, H264Profile.PROFILE_BASELINE}


@dataclass(frozen=True, slots=True)
class Section:
    """One media section of an offer."""

    mid: Mid
    kind: Kind | None
    """None for data channels."""
    sends: bool
    receives: bool
    formats: Mapping[Codec, Format]
    """The codecs that can be forwarded, in the client's order."""
    lines: Mapping[int, tuple[str, ...]]
    """By payload type: what an answer says of it, without feedback."""
    feedback: Mapping[int, frozenset[str]]
    ids: Extensions
    ssrc: int
    rtx_ssrc: int
    head: tuple[str, str]
    """Protocol and formats of the m= line, as they were."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a client offers."""

    sections: tuple[Section, ...]
    ufrag: str
    fingerprints: tuple[tuple[str, str], ...]
    """Algorithm and digest of the client's certificate."""
    sctp_port: int | None


@dataclass(frozen=True, slots=True)
class Reply:
    """What becomes of a section."""

    receive: Codec | None = None
    """The codec in which its media is wanted; None for not at all."""
    slot: tuple[int, int] | None = None
    """SSRC and retransmission SSRC of what it will show."""
    stream: str = ""
    """Slots of one stream are played in step."""


@dataclass(frozen=True, slots=True)
class Host:
    """What an answer says of this worker."""

    fingerprint: str
    candidates: Sequence[Address]
    """The addresses at which clients reach it, the best first."""
    bitrate: int
    """Bits a second of each video."""


def read_offer(text: str) -> Offer:
    """Return the offer in ``text``. Raises Refused if it cannot be used, in words for whoever wrote the client."""
    if len(text) > _LONGEST:
        raise Refused("the offer is too long")
    try:
        session = SessionDescription.parse(text)
        offer = _offer(session)
    except Refused:
        raise
    except Exception as error:  # a hostile text finds a way through any list
        raise Refused(f"the offer cannot be read: {type(error).__name__}") from error
    mids = [section.mid for section in offer.sections]
    ssrcs = [s for section in offer.sections for s in (section.ssrc, section.rtx_ssrc) if s]
    if not 0 < len(mids) <= _SECTIONS or len(set(mids)) != len(mids):
        raise Refused("an offer has 1 to 32 media sections, each with a mid of its own")
    if len(set(ssrcs)) != len(ssrcs):
        raise Refused("two streams of the offer have one SSRC")
    return offer


def _offer(session: SessionDescription) -> Offer:
    if not any(group.semantic == "BUNDLE" for group in session.group):
        raise Refused("the offer does not bundle its sections (RFC 8843)")
    first = session.media[0]
    if not first.dtls or not first.dtls.fingerprints or not first.ice or not first.ice.usernameFragment:
        raise Refused("the offer has no fingerprint or no ICE user name")
    data = next((media for media in session.media if media.kind == "application"), None)
    return Offer(
        sections=tuple(map(_section, session.media)),
        ufrag=first.ice.usernameFragment,
        fingerprints=tuple((f.algorithm, f.value) for f in first.dtls.fingerprints),
        sctp_port=data.sctp_port if data is not None else None,
    )


def _section(media: MediaDescription) -> Section:
    mid = Mid(media.rtp.muxId)
    if not _MID.fullmatch(mid):
        raise Refused("a media section has no usable mid")
    kind = Kind(media.kind) if media.kind in set(Kind) else None
    codecs = dict(_codecs(media)) if kind else {}
    group = next((group.items for group in media.ssrc_group if group.semantic == "FID"), [])
    ssrcs = [int(item) for item in group] or [one.ssrc for one in media.ssrc]
    direction = media.direction or "sendrecv"
    live = media.port != 0
    return Section(
        mid=mid,
        kind=kind,
        sends=live and direction in {"sendrecv", "sendonly"},
        receives=live and direction in {"sendrecv", "recvonly"},
        formats={codec: form for codec, (form, _) in codecs.items()},
        lines={pt: lines for _, (_, by_type) in codecs.items() for pt, lines in by_type.items()},
        feedback={c.payloadType or 0: frozenset(_said(c)) for c in media.rtp.codecs},
        ids=_extensions(media),
        ssrc=ssrcs[0] if ssrcs else 0,
        rtx_ssrc=ssrcs[1] if len(group) == 2 else 0,
        head=(media.profile, " ".join(map(str, media.fmt))),
    )


def _codecs(media: MediaDescription) -> Iterator[tuple[Codec, tuple[Format, Mapping[int, tuple[str, ...]]]]]:
    """Yield what can be forwarded, once a codec: the first that is offered."""
    seen: set[Codec] = set()
    for one in media.rtp.codecs:
        codec = _codec(one)
        pt = one.payloadType
        if codec is None or codec in seen or pt is None or pt not in media.fmt:
            continue
        seen.add(codec)
        rtx = next((c for c in media.rtp.codecs if c.name.lower() == "rtx" and _repairs(c, one)), None)
        lines = {pt: _lines(one)}
        if rtx is not None and rtx.payloadType is not None:
            lines[rtx.payloadType] = _lines(rtx)
        yield codec, (Format(pt, rtx.payloadType or 0 if rtx else 0), lines)


def _codec(one: RTCRtpCodecParameters) -> Codec | None:
    name = one.name.lower()
    if name == "opus" and one.clockRate == 48_000:
        return Codec.OPUS
    if name == "vp8":
        return Codec.VP8
    if name == "h264" and str(one.parameters.get("packetization-mode")) == "1":
        try:
            profile, _ = parse_h264_profile_level_id(str(one.parameters.get("profile-level-id")))
        except ValueError:
            return None
        # Every browser decodes this one; publishers of another could not be shown to all.
        return Codec.H264 if profile in _BASELINE else None
    return None


def _repairs(rtx: RTCRtpCodecParameters, one: RTCRtpCodecParameters) -> bool:
    return rtx.parameters.get("apt") == one.payloadType


def _lines(one: RTCRtpCodecParameters) -> tuple[str, ...]:
    lines = [f"a=rtpmap:{one.payloadType} {one}"]
    if one.parameters:
        lines.append(f"a=fmtp:{one.payloadType} {parameters_to_sdp(one.parameters)}")
    return tuple(lines)


def _said(one: RTCRtpCodecParameters) -> Iterator[str]:
    for feedback in one.rtcpFeedback:
        yield f"{feedback.type} {feedback.parameter}" if feedback.parameter else feedback.type


def _extensions(media: MediaDescription) -> Extensions:
    ids = {extension.uri: extension.id for extension in media.rtp.headerExtensions if 1 <= extension.id <= 14}
    return Extensions(**{name: ids.get(uri, 0) for name, uri in _URIS.items()})


# --- answering ---------------------------------------------------------------------------------------------


def write_answer(
    offer: Offer, replies: Mapping[Mid, Reply], credentials: Credentials, host: Host, version: int
) -> str:
    """Return the answer. A section without a reply carries nothing; without a codec of ours it is rejected."""
    accepted = [s for s in offer.sections if s.formats or (s.kind is None and offer.sctp_port)]
    lines = ["v=0", f"o=- 1 {version} IN IP4 127.0.0.1", "s=-", "t=0 0", "a=ice-lite"]
    lines += [f"a=group:BUNDLE {' '.join(s.mid for s in accepted)}", "a=msid-semantic: WMS *"]
    for section in offer.sections:
        if section not in accepted:
            kind = section.kind or "application"
            lines += [f"m={kind} 0 {section.head[0]} {section.head[1]}", "c=IN IP4 0.0.0.0"]
            lines += [f"a=mid:{section.mid}", "a=inactive"]
        elif section.kind is None:
            lines += [f"m=application 9 {section.head[0]} {section.head[1]}", "c=IN IP4 0.0.0.0"]
            lines += _transport(section, credentials, host)
            lines += [f"a=sctp-port:{offer.sctp_port}", "a=max-message-size:16384"]
        else:
            lines += _media(section, replies.get(section.mid, Reply()), credentials, host)
    return "\r\n".join(lines) + "\r\n"


def _transport(section: Section, credentials: Credentials, host: Host) -> Iterator[str]:
    yield f"a=mid:{section.mid}"
    yield f"a=ice-ufrag:{credentials.ufrag}"
    yield f"a=ice-pwd:{credentials.password}"
    yield f"a=fingerprint:{host.fingerprint}"
    yield "a=setup:passive"
    for i, (address, port) in enumerate(host.candidates):
        priority = (126 << 24) + (65_535 - i << 8) + 255
        yield f"a=candidate:{i + 1} 1 udp {priority} {address} {port} typ host"
    yield "a=end-of-candidates"


def _media(section: Section, reply: Reply, credentials: Credentials, host: Host) -> Iterator[str]:
    codecs = [reply.receive] if reply.receive and not reply.slot else list(section.formats)
    if reply.receive:
        codecs.sort(key=lambda codec: codec is not reply.receive)
    formats = [section.formats[codec] for codec in codecs]
    types = [pt for form in formats for pt in form if pt]
    yield f"m={section.kind} 9 {section.head[0]} {' '.join(map(str, types))}"
    yield "c=IN IP4 0.0.0.0"
    if reply.receive and section.kind is Kind.VIDEO:
        yield f"b=TIAS:{host.bitrate}"
    yield from _transport(section, credentials, host)
    yield "a=rtcp-mux"
    yield "a=rtcp-rsize"
    direction = {(True, True): "sendrecv", (True, False): "recvonly", (False, True): "sendonly"}
    yield "a=" + direction.get((reply.receive is not None, reply.slot is not None), "inactive")
    for name, id_ in section.ids._asdict().items():
        # Transport-wide numbers count per transport: what we send has none.
        if id_ and (name != "transport_sequence" or reply.receive):
            yield f"a=extmap:{id_} {_URIS[name]}"
    wanted = _FROM_CLIENT if reply.receive else _TO_CLIENT
    for form in formats:
        for pt in filter(None, form):
            yield from section.lines[pt]
        for said in wanted:
            if said in section.feedback.get(form.payload_type, ()):
                yield f"a=rtcp-fb:{form.payload_type} {said}"
    if reply.slot:
        yield from _slot(section, reply.slot, reply.stream)


def _slot(section: Section, slot: tuple[int, int], stream: str) -> Iterator[str]:
    ssrc, rtx = slot
    track = f"{stream}-{section.mid}"
    yield f"a=msid:{stream} {track}"
    if rtx:
        yield f"a=ssrc-group:FID {ssrc} {rtx}"
    for one in filter(None, slot):
        yield f"a=ssrc:{one} cname:{stream}"
        yield f"a=ssrc:{one} msid:{stream} {track}"
