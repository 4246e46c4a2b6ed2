"""What can be wrong in a menu's line, callbacks, messages, surveys and variables is reported where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.sambung import mistakes
from tests.unit.sambung.mistakes import Mistake, change, found

MAIN = "centre/ivr/main.yaml"
MENU = """\
start: topic
operator: {key: 0, next: general}
waiting:
  welcome: [wait.connecting]
  first: 20 s
  every: 45 s
  position: true
  wait: true
  comfort: [wait.busy]
  offer: [wait.offer]
  keys: {1: callback, 3: along}
  on_full: busy
nodes:
  topic: {kind: menu, prompts: [menu.topic], choices: {1: nib, 2: before, 3: closed, 4: put}}
  nib:
    kind: collect
    prompts: [nib.ask]
    variable: nib
    next: general
    confirm: {yes: 1, no: 2}
  before: {kind: status, queue: lkpm, next: general, closed: busy, long: {after: 15 min, next: later}}
  put: {kind: set, values: {topic: lkpm}, next: part}
  part: {kind: branch, variable: topic, ways: {lkpm: read}, otherwise: general}
  read: {kind: say, prompts: [greeting, {digits: nib}, {wait: lkpm}], next: tongue}
  tongue: {kind: branch, variable: language, ways: {en: general}, otherwise: general}
  general:
    kind: queue
    queue: general
    skills: {oss-technical: 1}
    relax: [{after: 60 s, skills: {}}, {after: 2 min, skills: {}}]
    after: survey
  callback: {kind: callback}
  along: {kind: handover}
  later: {kind: callback, queue: lkpm, back: bye}
  busy: {kind: voicemail, prompts: [voicemail.greeting], queue: general, longest: 2 min, shortest: 2 s}
  closed: {kind: say, prompts: [id/closed, {opening: office, language: id}], next: bye}
  survey:
    kind: survey
    questions: {csat: {prompts: [survey.csat]}, effort: {prompts: [survey.nps], scale: 1-7}}
    next: bye
  bye: {kind: hangup, prompts: [goodbye]}
"""


def copy(folder: Path) -> Path:
    config = mistakes.copy(folder)
    (config / MAIN).write_text(MENU, encoding="utf-8")
    return config


def menu(old: str, new: str, key: str, says: str, at: str = "") -> Mistake:
    return Mistake(MAIN, old, new, key, says, at)


MISTAKES = [
    menu("key: 0,", "key: 10,", "operator.key", "one of the keys"),
    menu("0, next: general}", "0, next: generel}", "operator.next", 'did you mean "general"?'),
    menu("every: 45 s", "every: 5 s", "waiting.every", "outside 15 s to 10 min"),
    menu("first: 20 s", "first: 1 h", "waiting.first", "outside 5 s to 10 min"),
    menu("position: true", "position: perhaps", "waiting.position", "true or false"),
    menu("comfort: [wait.busy]", "comfort: [wait.bussy]", "waiting.comfort[0]", 'did you mean "wait.busy"?'),
    menu("  offer: [wait.offer]\n", "", "waiting.keys", 'say what they do in "offer"', "keys:"),
    menu("keys: {1: callback", "keys: {12: callback", "waiting.keys.12", "one of the keys"),
    menu("on_full: busy", "on_ful: busy", "waiting.on_ful", 'did you mean "on_full"?'),
    menu("on_full: busy", "on_full: buzy", "waiting.on_full", 'did you mean "busy"?'),
    menu("{yes: 1, no: 2}", "{yes: 1, no: 1}", "nodes.nib.confirm.no", "use another key"),
    menu("confirm: {yes", "confirm: {before: read.it, yes", "nodes.nib.confirm.before", "unknown prompt"),
    menu("after: 15 min", "after: 15", "nodes.before.long.after", "500 ms, 20 s, 5 min or 1 h"),
    menu("{after: 15 min, next: later}", "{after: 15 min}", "nodes.before.long.next", "is needed"),
    menu("lkpm, next: general, closed", "lpkm, next: general, closed", "nodes.before.queue", 'mean "lkpm"?'),
    menu(
        "values: {topic: lkpm}",
        "values: {topic: lkpm, language: en}",
        "nodes.put.values.language",
        "by a menu",
    ),
    menu("variable: topic", "variable: topics", "nodes.part.variable", 'did you mean "topic"?'),
    menu("ways: {en: general}", "ways: {de: general}", "nodes.tongue.ways.de", "allowed: id, en"),
    menu("{digits: nib}", "{digits: nip}", "nodes.read.prompts[1].digits", 'did you mean "nib"?'),
    menu("{digits: nib}", "{spell: nib}", "nodes.read.prompts[1].spell", "digits, number, opening"),
    menu("{wait: lkpm}]", "{wait: office}]", "nodes.read.prompts[2].wait", "allowed: licensing, lkpm"),
    menu(
        "[greeting, {digits: nib}, {wait: lkpm}]",
        "[{digits: nib}]",
        "nodes.read.prompts",
        "begin with a prompt",
    ),
    menu("{opening: office, l", "{opening: offices, l", "nodes.closed.prompts[1].opening", 'mean "office"?'),
    menu(
        "    next: bye\n  bye:",
        "    next: later\n  bye:",
        *("nodes.general.after", "leads to later after the conversation", "after:"),
    ),
    menu(
        "[greeting, {digits: nib}",
        "[greeting, {language: id}",
        "nodes.read.prompts[1]",
        "one of these is needed",
    ),
    menu(
        "{kind: callback, queue: lkpm, back",
        "{kind: callback, back",
        "nodes.later.queue",
        "missing; a caller can",
    ),
    menu(", back: bye}", "}", "nodes.later.back", "not stood in any line"),
    menu(
        "lkpm: read}, otherwise: general",
        "lkpm: read}, otherwise: along",
        "nodes.along",
        "no place to take",
        "along:",
    ),
    menu(
        "{kind: handover}", "{kind: handover, back: generel}", "nodes.along.back", 'did you mean "general"?'
    ),
    menu("shortest: 2 s", "shortest: 2 min", "nodes.busy.shortest", "outside 500 ms to 30 s"),
    menu(
        "longest: 2 min, shortest: 2 s",
        "longest: 5 s, shortest: 6 s",
        "nodes.busy.shortest",
        "nobody could leave one",
    ),
    menu(
        "[survey.csat]}",
        "[survey.csat], scale: 1-7}",
        "nodes.survey.questions.csat.scale",
        "asked from 1 to 5",
    ),
    menu("scale: 1-7", "scale: 7-1", "nodes.survey.questions.effort.scale", "must rise"),
    menu("scale: 1-7", "scale: 0-11", "nodes.survey.questions.effort.scale", "end at 10 at the latest"),
    menu("scale: 1-7", "scale: many", "nodes.survey.questions.effort.scale", "such as 1-5"),
    menu(", scale: 1-7", "", "nodes.survey.questions.effort.scale", "a text is needed", "questions:"),
    menu(
        "    kind: queue",
        "    kind: queue\n    waiting: {every: 5 s}",
        "nodes.general.waiting.every",
        "15 s",
        "waiting: {",
    ),
    menu(
        "{after: 2 min, skills: {}}", "{after: 1 min, skills: {}}", "nodes.general.relax[1].after", "in order"
    ),
    menu(
        "after: 2 min, skills: {}",
        "after: 2 min, skills: {oss: 1}",
        "nodes.general.relax[1].skills.oss",
        "unknown skill",
    ),
    menu("{after: 60 s, skills: {}}", "{skills: {}}", "nodes.general.relax[0].after", "is needed"),
    menu(
        "on_full: busy",
        "on_full: put",
        "nodes.put",
        "put -> part -> general -> put",
        "put:",
    ),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.key}: {m.new[:30]!r}")
def test_a_mistake_is_reported_alone_where_it_stands(tmp_path: Path, mistake: Mistake) -> None:
    config = copy(tmp_path)
    line = change(config, mistake)
    problems = found(config)
    assert [(problem.file, problem.key) for problem in problems] == [(str(config / MAIN), mistake.key)]
    assert mistake.says in problems[0].message
    assert problems[0].line == line


def test_a_variable_that_is_set_nowhere_is_unknown_where_it_is_used(tmp_path: Path) -> None:
    config = copy(tmp_path)
    change(config, menu("values: {topic: lkpm}", "values: {}", "", ""))
    assert {problem.key for problem in found(config)} == {"nodes.put.values", "nodes.part.variable"}


def test_the_menu_itself_is_sound(tmp_path: Path) -> None:
    assert found(copy(tmp_path)) == []


@pytest.mark.parametrize(
    ("prompt", "key"),
    [
        ("wait.minutes", "waiting.wait"),
        ("wait.next", "waiting.position"),
        ("callback.premium", "nodes.callback"),
        ("voicemail.kept", "nodes.busy"),
        ("collect.readback", "nodes.nib.confirm.before"),
    ],
)
def test_a_prompt_that_a_node_says_by_its_name_has_to_be_there(tmp_path: Path, prompt: str, key: str) -> None:
    config = copy(tmp_path)
    change(config, Mistake("centre/prompts.yaml", f"\n{prompt}:", f"\n{prompt}x:", "", ""))
    problems = found(config)
    assert key in [problem.key for problem in problems]
    assert all(prompt in problem.message for problem in problems)


def test_a_language_without_words_for_numbers_has_to_bring_its_digits(tmp_path: Path) -> None:
    config = mistakes.copy(tmp_path)
    centre = config / "centre" / "centre.yaml"
    text = centre.read_text(encoding="utf-8")
    centre.write_text(
        text.replace("\n  en:\n    name", "\n  jv: {name: Basa Jawa, voice: id}\n  en:\n    name")
    )
    messages = [problem.message for problem in found(config) if problem.file.endswith("prompts.yaml")]
    assert any("how to say numbers in 'jv' is not known; write n.0, n.1" in message for message in messages)
