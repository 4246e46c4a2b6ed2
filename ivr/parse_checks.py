"""Whether a whole menu is sound: every node can be reached, and nobody goes round in it for ever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter

from core.document import Node
from ivr import model
from ivr.model import LINE, OVERFLOW, REASONS, Flow

_NEEDS_THE_CONTACT = model.QueueNode | model.CallbackNode | model.HandoverNode | model.VoicemailNode


def check(flow: Flow, nodes: Mapping[str, Node]) -> None:
    """Note what is wrong with the ways of ``flow``, each at the node where it is to be mended."""
    _check_reach(flow, nodes)
    _check_end(flow, nodes)
    _check_after(flow, nodes)
    _check_surveys(flow, nodes)
    _check_callbacks(flow, nodes)


def targets(node: model.Node) -> tuple[str, ...]:
    """Return the nodes to which ``node`` may lead."""
    match node:
        case model.MenuNode(choices=choices, patience=patience):
            return (*(choice.next for choice in choices.values()), patience.on_invalid, *unasked(node))
        case model.CollectNode(next=name, patience=patience) | model.SurveyNode(next=name, patience=patience):
            return (name, patience.on_invalid, patience.on_timeout)
        case model.CallbackNode(patience=patience, back=back, next=name):
            return (back, patience.on_invalid, patience.on_timeout, *filter(None, (name,)))
        case model.VoicemailNode(next=name):
            return (*filter(None, (name,)), *unasked(node))
        case model.QueueNode(waiting=waiting, after=after):
            keys = (choice.next for choice in waiting.keys.values())
            return (*keys, *filter(None, (after,)), *unasked(node))
    return unasked(node)


def unasked(node: model.Node) -> tuple[str, ...]:
    """Return the nodes to which ``node`` leads a caller who presses nothing and says nothing."""
    match node:
        case model.SayNode(next=name) | model.GotoNode(next=name) | model.SetNode(next=name):
            return (name,)
        case model.HoursNode(open=opened, closed=closed, emergency=emergency):
            return (opened, closed, *filter(None, (emergency,)))
        case model.BranchNode(ways=ways, otherwise=otherwise):
            return (*ways.values(), otherwise)
        case model.StatusNode(next=name, closed=closed, long=long):
            return (name, closed, *filter(None, (long,)))
        case model.QueueNode(waiting=waiting):
            return tuple(waiting.ways.get(reason, OVERFLOW) for reason in REASONS)
        case model.VoicemailNode(otherwise=otherwise):
            return (otherwise,)
        case model.HandoverNode(back=back):
            return (back,)
        case model.MenuNode() | model.CollectNode() | model.SurveyNode():
            return (node.patience.on_timeout,)
        case model.CallbackNode():
            return (node.patience.on_timeout, node.patience.on_invalid)
    return ()


def _reached(flow: Flow, starts: Iterable[str], stop: type[model.Node] | None = None) -> Iterator[str]:
    """Yield the nodes to which ``starts`` lead, themselves included; what follows a node of ``stop`` is not."""
    seen: set[str] = set()
    ahead = list(starts)
    while ahead:
        name = ahead.pop()
        if name in seen or name not in flow.nodes:
            continue
        seen.add(name)
        yield name
        if stop is None or not isinstance(flow.nodes[name], stop):
            ahead.extend(targets(flow.nodes[name]))


def _check_reach(flow: Flow, nodes: Mapping[str, Node]) -> None:
    starts = [flow.start, *([flow.operator.next] if flow.operator else ())]
    reached = set(_reached(flow, starts))
    for name, node in nodes.items():
        if name not in reached:
            node.wrong("no caller can come here; let another node lead to it, or remove it")


def _check_end(flow: Flow, nodes: Mapping[str, Node]) -> None:
    """Note a way that leads back to itself without a key pressed, if there is any."""
    lines = [name for name, node in flow.nodes.items() if isinstance(node, model.QueueNode)]
    ways = {name: unasked(node) for name, node in flow.nodes.items()}
    # Back in line may be any line.
    ways = {name: (*to, *lines) if LINE in to else to for name, to in ways.items()}
    try:
        TopologicalSorter(ways).prepare()
    except CycleError as e:
        # A name before the next is one to which the next leads; the last is the first again.
        ring = [*reversed(e.args[1])][1:]
        at = ring.index(min(ring, key=[*nodes].index))
        way = [*ring[at:], *ring[: at + 1]]
        nodes[way[0]].wrong(
            f"a caller who presses nothing goes round for ever: {' -> '.join(way)}; "
            "let one of them lead to a queue or a hangup"
        )


def _check_after(flow: Flow, nodes: Mapping[str, Node]) -> None:
    """After the conversation the contact is over: it can be asked and told things, and no more."""
    for name, node in flow.nodes.items():
        if not isinstance(node, model.QueueNode) or not node.after:
            continue
        for led_to in sorted(_reached(flow, [node.after])):
            if isinstance(flow.nodes[led_to], _NEEDS_THE_CONTACT):
                entry = nodes[name].entries()["after"]
                entry.wrong(
                    f"leads to {led_to} after the conversation, when nobody can be put in line, called back, handed "
                    "over or recorded any more; end that way with a hangup"
                )
                break


def _check_surveys(flow: Flow, nodes: Mapping[str, Node]) -> None:
    """Nobody is asked about a conversation before it: of those who spoke with an agent only ``after`` leads there."""
    ways = {name: _before(node) for name, node in flow.nodes.items()}
    known = {flow.start: "start"} | ({flow.operator.next: "operator"} if flow.operator else {})
    ahead = list(known)
    while ahead:
        name = ahead.pop()
        if isinstance(flow.nodes.get(name), model.SurveyNode):
            nodes[name].wrong(
                f"a caller who has spoken with nobody can come here, from {known[name]}; "
                'only "after" of a queue may lead to a survey'
            )
            continue
        for following in ways.get(name, ()):
            if following not in known:
                known[following] = name
                ahead.append(following)


def _before(node: model.Node) -> tuple[str, ...]:
    """Return the nodes to which ``node`` may lead a caller who has not spoken with anybody."""
    return targets(replace(node, after="") if isinstance(node, model.QueueNode) else node)


def _check_callbacks(flow: Flow, nodes: Mapping[str, Node]) -> None:
    """A callback that names no queue, or no way back, means the line in which the caller stood: there must be one.

    So does every handover.
    """
    for name in _reached(flow, [flow.start], model.QueueNode):
        node = flow.nodes[name]
        if isinstance(node, model.HandoverNode):
            nodes[name].wrong(
                "a caller can come here who has not stood in any line, and has no place to take along"
            )
        if not isinstance(node, model.CallbackNode):
            continue
        needed = {"queue": node.queue is None, "back": LINE in (node.back, *unasked(node))}
        for field, missing in needed.items():
            if missing:
                nodes[name].absent(field).wrong(
                    "missing; a caller can come here who has not stood in any line"
                )
