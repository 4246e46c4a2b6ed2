"""The plain telephone's messages and codecs, by the standards' own examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pbx.probe import protocol, sip
from pbx.probe.dialog import Here, invite_of
from pbx.probe.rtp import expand
from pbx.probe.sip import PCMA, PCMU, Message, parse

INVITE = Message(
    "INVITE sip:169@127.0.0.1:15061 SIP/2.0",
    (
        ("Via", "SIP/2.0/UDP 127.0.0.1:5070;rport;branch=z9hG4bKa1"),
        ("From", '"Siti" <sip:0812@127.0.0.1>;tag=f1'),
        ("To", "<sip:169@127.0.0.1:15061>"),
        ("Call-ID", "c1"),
        ("CSeq", "1 INVITE"),
    ),
    "v=0\r\n",
)


def test_what_is_written_is_read_again() -> None:
    read = parse(INVITE.encode())
    assert read is not None
    assert (read.method, read.uri, read.status, read.body) == (
        "INVITE",
        "sip:169@127.0.0.1:15061",
        0,
        "v=0\r\n",
    )
    assert read.branch == "z9hG4bKa1"
    assert read["content-length"] == "5"
    assert sip.user_of(sip.address_uri(read["from"])) == "0812"


def test_compact_and_folded_headers_are_understood() -> None:
    read = parse(
        b"SIP/2.0 486 Busy Here\r\nv: SIP/2.0/UDP h;\r\n branch=b\r\ni: c2\r\n"
        b"t: <sip:a@b>;tag=x\r\nCSEQ: 2 INVITE\r\n\r\n"
    )
    assert read is not None
    assert (read.status, read.reason, read["call-id"], read.branch) == (486, "Busy Here", "c2", "b")


@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda tail: INVITE.encode()[:200] + tail))
def test_no_datagram_is_an_accident(datagram: bytes) -> None:
    message = parse(datagram)
    if message is not None:
        _ = (message.method, message.status, message.branch, message.uri, message.reason)
        sip.media_of(message.body)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=300))
def test_any_display_name_stays_in_its_quotes(display: str) -> None:
    command = protocol.Dial("out1", "sip:169@127.0.0.1:1", display=display, user="0812")
    read = parse(invite_of(command, None, Here(5070), "").encode())
    assert read is not None
    assert sip.address_uri(read["from"]) == "sip:0812@127.0.0.1:5070"
    assert sip.parameter(read["from"], "tag")


@pytest.mark.parametrize(
    ("challenge", "method", "uri", "password", "cnonce", "response"),
    [
        (  # RFC 2617, 3.5
            'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"',
            "GET",
            "/dir/index.html",
            "Circle Of Life",
            "0a4f113b",
            "6629fae49393a05397450978507c4ef1",
        ),
        (  # RFC 7616, 3.9.1
            'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, '
            'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"',
            "GET",
            "/dir/index.html",
            "Circle of Life",
            "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
        ),
    ],
)
def test_a_challenge_is_answered_as_the_standard_shows(
    challenge: str, method: str, uri: str, password: str, cnonce: str, response: str
) -> None:
    assert f'response="{response}"' in sip.authorization(challenge, method, uri, "Mufasa", password, cnonce)


def test_the_first_codec_both_know_is_taken() -> None:
    offer = "c=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/AVP 111 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n"
    assert sip.media_of(offer) == sip.Media(("127.0.0.1", 4000), PCMU, 101)
    assert sip.media_of(sip.describe(4000, 1)) == sip.Media(("127.0.0.1", 4000), PCMA, 101)
    assert sip.media_of(offer.replace("111 0 8 101", "111")) is None
    assert sip.media_of("") is None


@pytest.mark.parametrize(
    ("codec", "code", "sample"),
    [
        (PCMA, 0xD5, 8),
        (PCMA, 0x55, -8),
        (PCMA, 0xAA, 32256),
        (PCMA, 0x2A, -32256),
        (PCMU, 0xFF, 0),
        (PCMU, 0x80, 32124),
        (PCMU, 0x00, -32124),
    ],
)
def test_g711_is_expanded_as_its_tables_say(codec: int, code: int, sample: int) -> None:
    assert expand(code, codec) == sample


@pytest.mark.parametrize("codec", [PCMA, PCMU])
def test_g711_steps_rise_with_the_code(codec: int) -> None:
    positive = [expand(code ^ (0x55 if codec == PCMA else 0xFF), codec) for code in range(0x80, 0x100)]
    ordered = positive if codec == PCMA else [-value for value in positive]
    assert ordered == sorted(ordered)
    assert len(set(ordered)) == 128
