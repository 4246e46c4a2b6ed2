"""A menu's document as a ``Flow``, or every reason why it is none.

Beyond each value it is checked that every name is known, every node can be reached, and a caller who does nothing
comes to an end: no way leads back to itself without a key pressed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.document import IDENTIFIER, Node
from ivr import model
from ivr.model import FAREWELL, OVERFLOW, Flow, Operator, Spoken, Treatment
from ivr.parse_checks import check, targets
from ivr.parse_nodes import KEY, NodeReader
from ivr.parse_words import Known

__all__ = ["Known", "parse"]


def parse(document: Node, known: Known) -> Flow:
    """Return the flow in ``document``. What is wrong is noted there; the flow is sound only if nothing was."""
    noted = len(document.problems)
    top = document.fields("numbers", "start", "operator", "waiting", "nodes")
    nodes = top["nodes"].entries(names=IDENTIFIER)
    if top["nodes"].present and not nodes:
        top["nodes"].wrong("empty; at least one node is needed")
    reader = NodeReader(known, nodes, _variables(nodes))
    reader.treatment = reader.waiting(top["waiting"]) if top["waiting"].present else Treatment()
    parsed = {name: node for name, node in map(reader.read, nodes, nodes.values()) if node is not None}
    operator = _operator(top["operator"], nodes)
    start = top["start"].choice(nodes) if nodes else ""
    flow = Flow(start, parsed, known.languages[0], dict(known.needs), operator)
    if len(document.problems) == noted:
        check(flow, nodes)
    _add_endings(flow, document, known.prompts)
    return flow


def _operator(node: Node, nodes: Collection[str]) -> Operator | None:
    if not node.present:
        return None
    it = node.fields("key", "next")
    return Operator(it["key"].text("0", form=KEY), it["next"].choice(nodes))


def _variables(nodes: Mapping[str, Node]) -> frozenset[str]:
    """Return the variables that some node sets; what is wrong with a node is noted when it is read."""
    names: set[str] = set()
    for node in nodes.values():
        entries = node.content if isinstance(node.content, dict) else {}
        kind = entries["kind"].content if "kind" in entries else None
        if kind == "collect" and "variable" in entries and isinstance(entries["variable"].content, str):
            names.add(entries["variable"].content.strip())
        if kind == "set" and "values" in entries and isinstance(entries["values"].content, dict):
            names |= entries["values"].content.keys()
    return frozenset(names)


def _add_endings(flow: Flow, document: Node, prompts: Collection[str]) -> None:
    """Add the nodes to which the menu leads without saying so, if it does."""
    led_to = {target for node in flow.nodes.values() for target in targets(node)}
    for name, outcome in ((FAREWELL, "deflected"), (OVERFLOW, "overflowed")):
        if name in led_to:
            flow.nodes[name] = model.HangUpNode((Spoken("goodbye"),), outcome)
    if FAREWELL in led_to and "goodbye" not in prompts:
        document.wrong('a menu that gives up says "goodbye"; that prompt is missing')
