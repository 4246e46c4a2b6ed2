"""What a menu says: prompts, what is told of variables and hours, and how a question is asked again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.document import Node, unknown
from ivr.model import FAREWELL, Needs, Patience, Spoken, Telling, Told, Utterance

QUESTION: Final = ("timeout", "tries", "on_invalid", "on_timeout", "invalid", "silence", "barge_in")
"""The fields of every node that asks for keys."""

_TELLINGS: Final = tuple(telling.value for telling in Telling)


@dataclass(frozen=True, slots=True)
class Known:
    """The names a menu may use."""

    prompts: Collection[str]
    queues: Collection[str]
    hours: Collection[str]
    skills: Collection[str]
    languages: Sequence[str]
    """The first is spoken until the caller chooses."""
    needs: Mapping[str, Needs]
    """What an agent must know to serve a caller of each language."""


class WordReader:
    """Reads what is said."""

    def __init__(self, known: Known, nodes: Collection[str], variables: Collection[str]) -> None:
        self.known = known
        self.nodes = nodes
        self.variables = variables

    def prompts(self, node: Node, *, optional: bool = False) -> tuple[Utterance, ...]:
        """Return what is said one after the other."""
        items = node.items(optional=optional)
        if node.content == ():
            node.wrong("empty; at least one prompt is needed")
        utterances = tuple(self.utterance(item) for item in items)
        if utterances and not any(isinstance(one, Spoken) for one in utterances):
            node.wrong("there may be nothing to tell; begin with a prompt that says what this is about")
        return utterances

    def utterance(self, node: Node) -> Utterance:
        """Return a prompt by its name, or what is told of a name: ``{digits: nib}``."""
        if not isinstance(node.content, dict):
            return self.spoken(node)
        it = node.fields(*_TELLINGS, "language")
        told = [name for name in _TELLINGS if it[name].present]
        if len(told) != 1:
            if node.content.keys() <= it.keys():
                node.wrong(f"one of these is needed: {', '.join(_TELLINGS)}")
            return Spoken("")
        telling, of = Telling(told[0]), it[told[0]]
        return Told(telling, self._named(telling, of), it["language"].choice(self.known.languages, ""))

    def spoken(self, node: Node) -> Spoken:
        """Return a prompt by its name, ``en/name`` in a language of its own."""
        text = node.text()
        language, slash, name = text.rpartition("/")
        if slash and language not in self.known.languages:
            node.wrong(unknown(language, self.known.languages, "unknown language"))
        elif text and name not in self.known.prompts:
            node.wrong(unknown(name, self.known.prompts, "unknown prompt"))
        return Spoken(name, language)

    def word(self, node: Node, default: Spoken) -> Spoken:
        """Return a prompt that has a name of its own unless another is given."""
        if node.present:
            return self.spoken(node)
        if default.prompt not in self.known.prompts:
            node.wrong(f'the prompt "{default.prompt}" is missing; write it, or name another one here')
        return default

    def needed(self, node: Node, *names: str) -> None:
        """Note which of the prompts that a node says by name are missing."""
        if absent := [name for name in names if name not in self.known.prompts]:
            node.wrong(f"this says prompts that are missing: {', '.join(absent)}; write them in prompts.yaml")

    def target(self, node: Node, default: str | None = None) -> str:
        """Return a node's name."""
        return node.choice(self.nodes, default)

    def patience(self, it: Mapping[str, Node], *, next_: str = FAREWELL) -> Patience:
        """Return how a question is asked again; given up, it leads to ``next_`` unless it says where."""
        default = Patience(Spoken("invalid"), Spoken("silence"), on_invalid=next_, on_timeout=next_)
        return Patience(
            invalid=self.word(it["invalid"], default.invalid),
            silence=self.word(it["silence"], default.silence),
            timeout_ms=it["timeout"].duration(1_000, 60_000, default.timeout_ms),
            tries=it["tries"].integer(1, 9, default.tries),
            on_invalid=self.target(it["on_invalid"], default.on_invalid),
            on_timeout=self.target(it["on_timeout"], default.on_timeout),
            barge_in=it["barge_in"].flag(default.barge_in),
        )

    def _named(self, telling: Telling, node: Node) -> str:
        match telling:
            case Telling.DIGITS | Telling.NUMBER:
                return self.variable(node)
            case Telling.OPENING | Telling.CLOSURE:
                return node.choice(self.known.hours)
            case Telling.POSITION | Telling.WAIT:
                return node.choice(self.known.queues)

    def variable(self, node: Node, *more: str) -> str:
        """Return the name of a variable that some node sets, or one of ``more``."""
        name = node.text()
        names = (*sorted(self.variables), *more)
        if name and name not in names:
            node.wrong(unknown(name, names, "unknown variable"))
        return name
