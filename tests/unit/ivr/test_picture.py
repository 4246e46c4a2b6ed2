"""A drawn menu shows every node once and every way out of it."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from hypothesis import given

from ivr.model import Flow, Spoken
from ivr.picture import boxes, dot, text
from ivr.picture_svg import svg
from tests.unit.ivr.walks import flows

SVG = "{http://www.w3.org/2000/svg}"


def says(spoken: Spoken) -> str:
    return f"<{spoken.prompt}> & more"


def rectangles(drawn: ET.Element) -> list[tuple[float, float, float, float]]:
    found = [one.attrib for one in drawn.iter(f"{SVG}rect") if "x" in one.attrib]
    return [
        (float(r["x"]), float(r["y"]), float(r["x"]) + float(r["width"]), float(r["y"]) + float(r["height"]))
        for r in found
    ]


@given(flows())
def test_the_tree_has_every_node_once_and_every_way(flow: Flow) -> None:
    lines = list(text(flow, says, "the menu"))
    found = boxes(flow, says)
    for box in found.values():
        assert len([line for line in lines if f"{box.name}  [{box.kind}]" in line]) == 1
    ways = sum(len(box.exits) for box in found.values())
    assert len([line for line in lines if " → " in line]) == ways


@given(flows())
def test_no_box_of_the_picture_covers_another_and_all_of_it_is_well_formed(flow: Flow) -> None:
    drawn = ET.fromstring("\n".join(svg(flow, says, "<a & b>")))
    boxed = rectangles(drawn)
    assert len(boxed) == len(boxes(flow, says))
    width, height = float(drawn.attrib["width"]), float(drawn.attrib["height"])
    for i, (left, top, right, bottom) in enumerate(boxed):
        assert 0 <= left < right <= width
        assert 0 <= top < bottom <= height
        assert not any(
            left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
            for other in boxed[i + 1 :]
        )


@given(flows())
def test_graphviz_gets_a_line_for_each_node_and_way(flow: Flow) -> None:
    lines = list(dot(flow, says, 'a "menu"'))
    found = boxes(flow, says)
    assert lines[0] == 'digraph "a \\"menu\\"" {'
    assert len([line for line in lines if re.match(r'  "\S+" \[label=', line)]) == len(found)
    assert len([line for line in lines if '" -> "' in line]) == sum(len(box.exits) for box in found.values())
