"""Offers as browsers write them, and answers that give each section what it may have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refused
from video.ice import Credentials
from video.model import Codec, Extensions, Format, Mid
from video.sdp import Host, Reply, read_offer, write_answer

HEAD = """v=0
o=- 1 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE {mids}
a=ice-ufrag:abcd
a=ice-pwd:0123456789012345678901
a=fingerprint:sha-256 AA:BB
a=setup:actpass
"""
CAMERA = """m=video 9 UDP/TLS/RTP/SAVPF 96 97 102 103 125
c=IN IP4 0.0.0.0
a=mid:{mid}
a={direction}
a=rtcp-mux
a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time
a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01
a=extmap:9 urn:ietf:params:rtp-hdrext:sdes:mid
a=rtpmap:96 VP8/90000
a=rtcp-fb:96 transport-cc
a=rtcp-fb:96 nack
a=rtcp-fb:96 nack pli
a=rtpmap:97 rtx/90000
a=fmtp:97 apt=96
a=rtpmap:102 H264/90000
a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f
a=rtpmap:103 rtx/90000
a=fmtp:103 apt=102
a=rtpmap:125 H264/90000
a=fmtp:125 packetization-mode=0;profile-level-id=42e01f
"""
SSRC = "a=ssrc-group:FID 1111 2222\na=ssrc:1111 cname:x\na=ssrc:2222 cname:x\n"
DATA = """m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=mid:d
a=sctp-port:5000
"""
HOST = Host("sha-256 CC:DD", [("192.0.2.1", 17_700), ("10.0.0.1", 17_700)], 1_000_000)
KEYS = Credentials("ours", "secret")


def sdp(*sections: str, mids: str) -> str:
    return (HEAD.format(mids=mids) + "".join(sections)).replace("\n", "\r\n")


def offer() -> str:
    sending = CAMERA.format(mid="0", direction="sendonly") + SSRC
    return sdp(sending, CAMERA.format(mid="sdparta_1", direction="recvonly"), DATA, mids="0 sdparta_1 d")


def test_an_offer_is_read() -> None:
    it = read_offer(offer())
    sending, receiving, data = it.sections
    assert (it.ufrag, it.fingerprints, it.sctp_port) == ("abcd", (("sha-256", "AA:BB"),), 5000)
    assert (sending.sends, sending.receives, sending.ssrc, sending.rtx_ssrc) == (True, False, 1111, 2222)
    assert sending.formats == {Codec.VP8: Format(96, 97), Codec.H264: Format(102, 103)}
    assert sending.ids == Extensions(transport_sequence=3, send_time=2)
    assert (receiving.mid, receiving.sends, receiving.receives) == ("sdparta_1", False, True)
    assert data.kind is None


def test_an_answer_gives_each_section_its_part() -> None:
    it = read_offer(offer())
    replies = {
        Mid("0"): Reply(receive=Codec.VP8),
        Mid("sdparta_1"): Reply(slot=(7777, 8888), stream="seat0"),
    }
    text = write_answer(it, replies, KEYS, HOST, 1)
    head, sending, receiving, data = text.split("m=")
    assert "a=ice-lite" in head
    assert "BUNDLE 0 sdparta_1 d" in head
    assert sending.startswith("video 9 UDP/TLS/RTP/SAVPF 96 97\r\n")
    assert "a=recvonly" in sending
    assert "b=TIAS:1000000" in sending
    assert "a=extmap:3 " in sending
    assert "a=rtcp-fb:96 transport-cc" in sending
    assert "192.0.2.1 17700 typ host" in sending
    assert receiving.startswith("video 9 UDP/TLS/RTP/SAVPF 96 97 102 103\r\n")
    assert "a=sendonly" in receiving
    assert "a=ssrc-group:FID 7777 8888" in receiving
    # Numbers of one transport mean nothing on another, and the publisher's mid would lead astray.
    assert "a=extmap:3 " not in receiving
    assert "transport-cc" not in receiving
    assert "sdes:mid" not in text
    assert "a=sctp-port:5000" in data


def test_a_section_that_may_not_send_carries_nothing() -> None:
    text = write_answer(read_offer(offer()), {}, KEYS, HOST, 1)
    assert text.count("a=inactive") == 2
    assert "m=video 0" not in text


def test_a_section_without_a_codec_of_ours_is_rejected() -> None:
    foreign = "m=video 9 UDP/TLS/RTP/SAVPF 98\nc=IN IP4 0.0.0.0\na=mid:9\na=sendonly\na=rtpmap:98 VP9/90000\n"
    text = write_answer(read_offer(sdp(foreign, DATA, mids="9 d")), {}, KEYS, HOST, 1)
    assert "m=video 0 UDP/TLS/RTP/SAVPF 98" in text
    assert "BUNDLE d" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("a=group:BUNDLE", "a=group:LS"), "bundle"),
        (("a=fingerprint:sha-256 AA:BB\r\n", ""), "fingerprint"),
        (("a=mid:sdparta_1", "a=mid:a b"), "mid"),
        (("a=mid:sdparta_1", "a=mid:0"), "a mid of its own"),
        (("FID 1111 2222", "FID 1111 1111"), "one SSRC"),
        (("a=setup:actpass", "a=setup:none"), "cannot be read"),
    ],
)
def test_an_offer_that_cannot_be_used_is_refused_in_words(change: tuple[str, str], words: str) -> None:
    text = offer()
    assert change[0] in text
    with pytest.raises(Refused, match=words):
        read_offer(text.replace(*change))


@given(st.data())
def test_no_text_breaks_it(data: st.DataObject) -> None:
    lines = offer().split("\r\n")
    for _ in range(data.draw(st.integers(0, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        lines[place] = data.draw(st.text(max_size=40)) if data.draw(st.booleans()) else lines[place][:-3]
    try:
        it = read_offer("\r\n".join(lines))
    except Refused:
        return
    write_answer(it, {}, KEYS, HOST, 1)
