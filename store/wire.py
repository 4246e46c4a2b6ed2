"""Events, receipts and snapshots as text, and back with their types."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from acd.effects import Receipt
from acd.events import Event

_ENCODER: Final = msgspec.json.Encoder()
_EVENT: Final = msgspec.json.Decoder[Event](Event)
_RECEIPT: Final = msgspec.json.Decoder[Receipt](Receipt)


def encode(value: Event | Receipt) -> str:
    """Return the value as JSON."""
    try:
        return _ENCODER.encode(value).decode()
    except UnicodeEncodeError:
        # Half a surrogate pair from a caller's name must not stop the line.
        return _ENCODER.encode(_cleaned(msgspec.to_builtins(value))).decode()


def decode_event(text: str) -> Event:
    """Return the event. Raises msgspec.ValidationError for text that this code did not write."""
    event: Event = _EVENT.decode(text)
    return event


def decode_receipt(text: str) -> Receipt:
    """Return the receipt. Raises msgspec.ValidationError for text that this code did not write."""
    return _RECEIPT.decode(text)


def clean(text: str) -> str:
    """Return the text without what a database cannot hold: NUL (PostgreSQL) and lone surrogates (both)."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return clean(value)
        case dict():
            return {_cleaned(k): _cleaned(v) for k, v in value.items()}
        case list() | tuple():
            return [_cleaned(v) for v in value]
    return value
