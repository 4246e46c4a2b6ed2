"""The private names of aiortc and pylibsrtp that video/dtls.py stands on are there and mean what they did."""

from __future__ import annotations

import ast
import inspect
from importlib.metadata import version

import pylibsrtp
from aiortc import RTCCertificate
from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM, RTCDtlsTransport
from aiortc.rtcsctptransport import RTCSctpTransport
from pylibsrtp import _binding

from tests.architecture.sources import ROOT, imported, shown, sources

PRIVATE = {"_srtp_profiles", "_set_role", "_rx_srtp", "_tx_srtp", "_srtp"}


def test_it_is_the_release_that_was_read() -> None:
    assert version("aiortc").startswith("1.16.")


async def test_dtls_asks_its_transport_for_nothing_but_role_receive_and_send() -> None:
    source = inspect.getsource(RTCDtlsTransport)
    tree = ast.parse(source)
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value) in {"self.transport", "self._transport"}
    }
    assert used == {"role", "_recv", "_send"}
    transport = RTCDtlsTransport(object(), [RTCCertificate.generateCertificate()])  # type: ignore[arg-type]
    assert SRTP_AEAD_AES_128_GCM in transport._srtp_profiles
    assert {"_rx_srtp", "_tx_srtp"} <= vars(transport).keys()
    transport._set_role("server")
    assert RTCSctpTransport(transport).is_server


def test_sctp_stands_on_a_dtls_transport_alone() -> None:
    tree = ast.parse(inspect.getsource(RTCSctpTransport))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node.value) in {"self.transport", "self.__transport"}
    }
    assert used <= {"_role", "_register_data_receiver", "_unregister_data_receiver", "_send_data", "state"}


def test_srtp_can_be_called_without_its_wrapper() -> None:
    policy = pylibsrtp.Policy(
        bytes(28), pylibsrtp.Policy.SSRC_ANY_OUTBOUND, srtp_profile=SRTP_AEAD_AES_128_GCM.libsrtp_profile
    )
    wrapped, direct = pylibsrtp.Session(policy), pylibsrtp.Session(policy)
    packet = b"\x80\x60\x00\x01" + bytes(8) + b"hello"
    buffer, length = _binding.ffi.new("char[]", 2048), _binding.ffi.new("int *")
    _binding.ffi.buffer(buffer)[0 : len(packet)] = packet
    length[0] = len(packet)
    assert _binding.lib.srtp_protect(direct._srtp[0], buffer, length) == 0
    assert _binding.ffi.buffer(buffer)[0 : length[0]] == wrapped.protect(packet)


def test_one_file_uses_them() -> None:
    seam = ROOT / "video" / "dtls.py"
    users = {
        shown(path)
        for path in sources()
        if any(
            isinstance(n, ast.Attribute) and n.attr in PRIVATE for n in ast.walk(ast.parse(path.read_text()))
        )
        and any(name.startswith(("aiortc", "pylibsrtp")) for name in imported(path))
    }
    # The client without a browser is the other end.
    assert users - {"video/client.py"} == {shown(seam)}
