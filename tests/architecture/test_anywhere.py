"""Nothing in the project belongs to one machine."""

from __future__ import annotations

import re

from tests.architecture.sources import shown, tracked

HERE = {
    "a checkout or a home folder of somebody": rb"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|mnt/\w+)/",
    "a package registry or mirror": rb"(?:py" + rb"pi\.org|pythonhosted\.org|registry\.(?:npmjs|yarnpkg)|"
    rb"deb\.deb" + rb"ian\.org|archive\.ub" + rb"untu\.com|proxy\.golang)",
}


def test_no_file_names_a_place_that_only_one_machine_has() -> None:
    found = [
        f"{shown(path)}: {what}: {match[0].decode()}"
        for path in tracked()
        for what, pattern in HERE.items()
        if (match := re.search(pattern, path.read_bytes()))
    ]
    assert found == []
