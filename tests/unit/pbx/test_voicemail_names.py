from __future__ import annotations

import pytest

from core.ids import InteractionId
from pbx.model import message_name, message_of

ID = InteractionId("a" * 32)


def test_a_name_says_whose_message_it_is() -> None:
    assert message_of(message_name(ID, 7)) == (ID, 7)


@pytest.mark.parametrize("name", ["", "vm-", "vm-x-7", f"vm-{ID}", f"vm-{ID}-x", f"say-{ID}-7", f"vm-{ID}-٧"])
def test_another_recording_is_nobodys_message(name: str) -> None:
    assert message_of(name) is None
