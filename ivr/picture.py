"""A flow as a graph to be drawn, and its drawing as lines of text and for Graphviz. Pure.

Whoever draws walks the nodes in the order in which callers meet them: by the fewest steps from the start.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from ivr.model import (
    LINE,
    REASONS,
    BranchNode,
    CallbackNode,
    CollectNode,
    Flow,
    GotoNode,
    HandoverNode,
    HangUpNode,
    HoursNode,
    MenuNode,
    Node,
    QueueNode,
    SayNode,
    SetNode,
    Spoken,
    StatusNode,
    SurveyNode,
    Told,
    Utterance,
    VoicemailNode,
)

Texts = Callable[[Spoken], str]
"""What a prompt says."""

_SHOWN: Final = 64
_KINDS: Final = {
    SayNode: "say",
    MenuNode: "menu",
    CollectNode: "collect",
    HoursNode: "hours",
    SetNode: "set",
    BranchNode: "branch",
    StatusNode: "status",
    QueueNode: "queue",
    CallbackNode: "callback",
    HandoverNode: "handover",
    VoicemailNode: "voicemail",
    SurveyNode: "survey",
    GotoNode: "goto",
    HangUpNode: "hangup",
}


class Exit(NamedTuple):
    """A way out of a node: what leads there, and the node."""

    label: str
    to: str


class Box(NamedTuple):
    """A node to be drawn."""

    name: str
    kind: str
    summary: str
    exits: tuple[Exit, ...]
    parent: str
    """The node that leads here first; empty for one at which callers begin."""


def boxes(flow: Flow, texts: Texts) -> dict[str, Box]:
    """Return the nodes of ``flow`` by name, in the order in which callers meet them."""
    found: dict[str, Box] = {}
    for root in (flow.start, *([flow.operator.next] if flow.operator else ())):
        ahead = deque([(root, "")])
        while ahead:
            name, parent = ahead.popleft()
            if name in found or name not in flow.nodes:
                continue
            node = flow.nodes[name]
            found[name] = Box(name, _KINDS[type(node)], _summary(node, texts), _merged(node), parent)
            ahead.extend((way.to, name) for way in found[name].exits)
    return found


def text(flow: Flow, texts: Texts, title: str) -> Iterator[str]:
    """Yield the lines of a tree: each node once, and wherever else it is led to only by name."""
    found = boxes(flow, texts)
    yield title
    if flow.operator:
        yield f"key {flow.operator.key} in any other question: {flow.operator.next}"
    for box in found.values():
        if not box.parent:
            yield from _branch(box, found, "", "")


def dot(flow: Flow, texts: Texts, title: str) -> Iterator[str]:
    """Yield the lines of a Graphviz file."""
    yield f"digraph {_quoted(title)} {{"
    yield '  rankdir=LR; node [shape=box, style=rounded, fontname="sans-serif"]; edge [fontname="sans-serif"];'
    for box in boxes(flow, texts).values():
        words = [f"{box.name}  ({box.kind})", *([box.summary] if box.summary else [])]
        yield f"  {_quoted(box.name)} [label={_quoted(chr(10).join(words))}];"
        for label, to in box.exits:
            yield f"  {_quoted(box.name)} -> {_quoted(to)} [label={_quoted(label)}];"
    yield "}"


def exits(node: Node) -> Iterator[Exit]:
    """Yield every way out of ``node``."""
    match node:
        case SayNode(next=name) | GotoNode(next=name) | SetNode(next=name):
            yield Exit("then", name)
        case HoursNode(open=opened, closed=closed, emergency=emergency):
            yield from _named(open=opened, closed=closed, emergency=emergency)
        case BranchNode(ways=ways, otherwise=otherwise):
            yield from (Exit(value, name) for value, name in ways.items())
            yield Exit("otherwise", otherwise)
        case StatusNode(next=name, closed=closed, long=long, long_ms=ms):
            yield from _named(then=name, closed=closed)
            if long:
                yield Exit(f"wait of {ms // 60_000} min or more", long)
        case MenuNode(choices=choices):
            for key, choice in choices.items():
                yield Exit(f"{key}{f' ({choice.language})' if choice.language else ''}", choice.next)
        case CollectNode(next=name) | SurveyNode(next=name):
            yield Exit("answered", name)
        case CallbackNode(back=back, next=name):
            yield from _named(promised=name)
            yield Exit("*", back)
        case HandoverNode(back=back):
            yield Exit("then", back)
        case VoicemailNode(next=name, otherwise=otherwise):
            yield from _named(recorded=name)
            yield Exit("nothing recorded", otherwise)
        case QueueNode(waiting=waiting, after=after):
            yield from (Exit(f"key {key}", choice.next) for key, choice in waiting.keys.items())
            yield from (Exit(why, waiting.ways[why]) for why in REASONS if why in waiting.ways)
            yield from _named(**{"after the conversation": after})
    if isinstance(node, MenuNode | CollectNode | SurveyNode | CallbackNode):
        yield Exit("no key", node.patience.on_timeout)
        yield Exit("wrong keys", node.patience.on_invalid)


def _named(**ways: str) -> Iterator[Exit]:
    return (Exit(label, name) for label, name in ways.items() if name)


def _merged(node: Node) -> tuple[Exit, ...]:
    """Return the exits, those with the same end as one."""
    labels: dict[str, list[str]] = {}
    for label, to in exits(node):
        labels.setdefault(to, []).append(label)
    return tuple(Exit(", ".join(dict.fromkeys(given)), to) for to, given in labels.items())


def _summary(node: Node, texts: Texts) -> str:
    match node:
        case HoursNode(hours=hours):
            return hours
        case SetNode(values=values):
            return ", ".join(f"{name} = {value}" for name, value in values.items())
        case BranchNode(variable=variable):
            return f"by {variable}"
        case QueueNode(queue=queue, needs=needs):
            asked = ", ".join(f"{skill} {level}" for skill, level in needs)
            return f"{queue}{f', asks {asked}' if asked else ''}"
        case StatusNode(queue=queue):
            return queue
        case CallbackNode(queue=queue):
            return queue or "the line the caller stood in"
        case CollectNode(variable=variable, prompts=prompts):
            return f"{variable}: {_words(prompts, texts)}"
        case SurveyNode(questions=questions):
            return ", ".join(f"{q.name} {q.low}-{q.high}" for q in questions)
        case SayNode(prompts=prompts) | MenuNode(prompts=prompts):
            return _words(prompts, texts)
        case VoicemailNode(prompts=prompts) | HangUpNode(prompts=prompts):
            return _words(prompts, texts)
    return ""


def _words(prompts: tuple[Utterance, ...], texts: Texts) -> str:
    said = " ".join(
        f"{{{one.telling}: {one.of}}}" if isinstance(one, Told) else texts(one) for one in prompts
    )
    return said if len(said) <= _SHOWN else f"{said[: _SHOWN - 1].rstrip()}…"


def _branch(box: Box, found: dict[str, Box], first: str, rest: str) -> Iterator[str]:
    summary = f"  {box.summary}" if box.summary else ""
    yield f"{first}{box.name}  [{box.kind}]{summary}"
    for i, (label, to) in enumerate(box.exits):
        last = i == len(box.exits) - 1
        elbow, below = ("└─ ", "   ") if last else ("├─ ", "│  ")
        if to in found and found[to].parent == box.name:
            yield from _branch(found[to], found, f"{rest}{elbow}{label} → ", rest + below)
        else:
            back = "back in line" if to == LINE else to
            yield f"{rest}{elbow}{label} → {back}"


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
