from __future__ import annotations

from pathlib import Path

import pytest

from sambung.centre import load_centre
from tests.unit.sambung import mistakes
from tests.unit.sambung.mistakes import SHIPPED, Mistake, change, found

MAIN = "centre/ivr/main.yaml"
MENU = """\
start: recording

nodes:
  recording:
    kind: say
    prompts: [id/notice.recording, en/notice.recording]
    next: office

  office:
    kind: hours
    hours: office
    open: language
    closed: closed

  language:
    kind: menu
    prompts: [id/language, en/language]
    choices:
      1: {next: topic, language: id}
      2: {next: topic, language: en}
    timeout: 5 s
    tries: 2
    on_timeout: topic
    on_invalid: topic

  topic:
    kind: menu
    prompts: [greeting, menu.topic]
    choices:
      1: licensing
      2: lkpm
      3: technical
      0: general
    repeat: "*"
    timeout: 7 s
    tries: 3
    on_timeout: general
    on_invalid: general

  licensing: {kind: queue, queue: licensing}
  lkpm: {kind: queue, queue: lkpm}
  technical: {kind: queue, queue: technical, skills: {oss-technical: 1}}
  general: {kind: queue, queue: general}

  closed:
    kind: hangup
    prompts: [id/closed, en/closed, id/goodbye]
    outcome: deflected
"""
"""A small menu in place of the shipped one, so that what is wrong in it is wrong in one place."""
COLLECT = "nib: {kind: collect, prompts: [menu.topic], variable: nib, next: general"
RING = "let one of them lead to a queue or a hangup"


def copy(folder: Path) -> Path:
    """Return a copy of the shipped configuration with the small menu."""
    config = mistakes.copy(folder)
    (config / MAIN).write_text(MENU, encoding="utf-8")
    return config


def menu(old: str, new: str, key: str, says: str, at: str = "") -> Mistake:
    return Mistake(MAIN, old, new, f"nodes.{key}", says, at)


def number(given: str, key: str, says: str) -> Mistake:
    """A mistake in a node that asks for a number; it stands where the queue for it stood."""
    return menu(
        "  lkpm: {kind: queue, queue: lkpm}", f"  lkpm: {{{COLLECT[6:]}, {given}}}", f"lkpm.{key}", says
    )


MISTAKES = [
    Mistake(MAIN, "start: recording", "start: recordings", "start", 'did you mean "recording"?'),
    Mistake(
        MAIN,
        "start: recording",
        "begin: recording\nstart: recording",
        "begin",
        "numbers, start, operator, waiting, nodes",
    ),
    Mistake(MAIN, "start: recording", "start: recording\nnumbers: [abc]", "numbers[0]", "digits", "numbers"),
    Mistake(MAIN, "start: recording", "start: recording\nnumbers: 1", "numbers", "2 to 15 digits", "numbers"),
    menu(
        "kind: say",
        "kind: speak",
        "recording.kind",
        "allowed: say, menu, collect, hours, set, branch, status, queue, callback, handover, voicemail, survey",
    ),
    menu("next: office\n", "nxt: office\n", "recording.nxt", 'did you mean "next"?'),
    menu("next: office", "next: offices", "recording.next", 'did you mean "office"?'),
    menu("[id/notice.recording, en/notice.recording]", "[]", "recording.prompts", "at least one prompt"),
    menu("en/notice.recording", "en/notice", "recording.prompts[1]", 'did you mean "notice.'),
    menu("en/notice.recording", "jv/notice.recording", "recording.prompts[1]", "allowed: id, en"),
    menu("hours: office", "hours: night", "office.hours", "allowed: office, walkin"),
    menu("closed: closed", "closed: shut", "office.closed", "allowed: recording, office"),
    menu("language: en}", "language: jv}", "language.choices.2.language", "allowed: id, en"),
    menu("      1: licensing", "      12: licensing", "topic.choices.12", "one of the keys 0123456789*#ABCD"),
    menu("      1: licensing", "      1: [licensing]", "topic.choices.1", "next, language"),
    menu('repeat: "*"', 'repeat: "3"', "topic.repeat", "use another key"),
    menu('repeat: "*"', "repeat: star", "topic.repeat", "one of the keys"),
    menu("timeout: 5 s", "timeout: 500 ms", "language.timeout", "outside 1 s to 1 min"),
    menu("timeout: 5 s", "timeout: 5", "language.timeout", "500 ms, 20 s, 5 min or 1 h"),
    menu("tries: 2", "tries: 0", "language.tries", "outside 1 to 9"),
    menu("tries: 2", "tries: 2\n    barge_in: maybe", "language.barge_in", "true or false", "barge_in"),
    menu("tries: 2", "tries: 2\n    invalid: sorry", "language.invalid", "unknown prompt", "invalid:"),
    menu("queue: general}", "queue: generel}", "general.queue", 'did you mean "general"?'),
    menu("queue: general}", "queue: general, priority: 101}", "general.priority", "outside -100 to 100"),
    menu(
        "oss-technical: 1}",
        "oss-tech: 1}",
        "technical.skills.oss-tech",
        "allowed: language-en, oss-technical",
    ),
    menu("oss-technical: 1}", "oss-technical: 11}", "technical.skills.oss-technical", "outside 1 to 10"),
    menu(
        "oss-technical: 1}",
        "oss-technical: 9}",
        "technical",
        "change the node, a profile or an agent's skills",
    ),
    menu("outcome: deflected", "outcome: handled", "closed.outcome", "allowed: deflected, refused"),
    menu("outcome: deflected", "next: office", "closed.next", "allowed: kind, prompts, outcome"),
    menu(
        "  closed:\n",
        "  night: {kind: goto, next: closed}\n  closed:\n",
        "night",
        "let another node",
        "night",
    ),
    menu("on_timeout: topic", "on_timeout: office", "office", RING, "office:"),
    menu("  closed:\n", "  Shut: {kind: goto, next: closed}\n  closed:\n", "Shut", "letter first", "Shut"),
    menu("  closed:\n", "  shut: goto closed\n  closed:\n", "shut", "keys with values", "shut"),
    number("min_digits: 9, max_digits: 8", "min_digits", "more than max_digits, 8"),
    number("max_digits: 65", "max_digits", "outside 1 to 64"),
    number("terminator: 5", "terminator", "*, # or none"),
    number("digit_timeout: 100 ms", "digit_timeout", "outside 1 s to 30 s"),
    number("variables: x", "variables", 'did you mean "variable"?'),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.key}: {m.new[:30]!r}")
def test_a_mistake_in_a_menu_is_reported_alone_where_it_stands(tmp_path: Path, mistake: Mistake) -> None:
    config = copy(tmp_path)
    line = change(config, mistake)
    (problem,) = found(config)
    assert (problem.file, problem.line, problem.key) == (str(config / MAIN), line, mistake.key)
    assert mistake.says in problem.message


def test_the_whole_ring_is_named(tmp_path: Path) -> None:
    config = copy(tmp_path)
    change(config, menu("on_timeout: topic", "on_timeout: office", "", ""))
    (problem,) = found(config)
    assert "office -> language -> office" in problem.message


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("start: [a\n", 2, "not YAML: while parsing a flow sequence, expected ',' or ']'"),
        ("start: a\n\tnodes: {}\n", 2, "not YAML: "),
        ("start: a\n---\nstart: b\n", 2, "expected a single document in the stream"),
        ("start: &a x\nnodes: *a\n", 1, "anchors and aliases are not used here"),
        ("- start\n", 1, "keys with values are needed"),
        ("# nothing yet\n", 1, "write {} if nothing is meant"),
        ("start: \x01\n", 1, "not YAML: holds a control character"),
        ("a: " + "[" * 2000 + "]" * 2000, 1, "nested too deeply"),
    ],
)
@pytest.mark.parametrize("file", [MAIN, "centre/queues.yaml", "centre/prompts.yaml"])
def test_a_file_that_cannot_be_read_is_reported_alone(
    tmp_path: Path, file: str, text: str, line: int, says: str
) -> None:
    config = copy(tmp_path)
    (config / file).write_text(text, encoding="utf-8")
    (problem,) = found(config)
    assert (problem.file, problem.line, problem.key) == (str(config / file), line, "")
    assert says in problem.message


def test_a_file_that_is_not_utf_8_is_reported_with_the_line(tmp_path: Path) -> None:
    config = copy(tmp_path)
    (config / "centre/reasons.yaml").write_bytes(b"a: 1\nb: caf\xe9\n")
    (problem,) = found(config)
    assert str(problem) == f"{config / 'centre/reasons.yaml'}:2: not UTF-8; save the file in that encoding"


@pytest.mark.parametrize("name", ["centre", "queues", "profiles", "agents", "hours", "prompts", "ivr/main"])
def test_a_missing_file_is_reported_alone(tmp_path: Path, name: str) -> None:
    config = copy(tmp_path)
    file = config / "centre" / f"{name}.yaml"
    file.unlink()
    (problem,) = found(config)
    assert (problem.file, problem.line) == (str(file), 0)
    assert "cannot be read: no such file" in problem.message or "missing" in problem.message


def test_a_centre_without_a_language_hears_of_nothing_else(tmp_path: Path) -> None:
    config = copy(tmp_path)
    file = config / "centre/centre.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("\nlanguages:\n", "\nlanguages: {}\nlanguage:\n"), encoding="utf-8")
    assert [p.key for p in found(config)] == ["languages", "language"]


def test_a_number_leads_to_one_menu(tmp_path: Path) -> None:
    config = copy(tmp_path)
    for name, own in (("first", "169"), ("second", "021169")):
        text = f"start: a\nnumbers: ['{own}', '+6221169']\nnodes: {{a: {{kind: queue, queue: general}}}}\n"
        (config / "centre/ivr" / f"{name}.yaml").write_text(text, encoding="utf-8")
    (problem,) = found(config)
    assert (problem.file, problem.line, problem.key) == (
        str(config / "centre/ivr/second.yaml"),
        2,
        "numbers[1]",
    )


def test_a_number_that_the_trunk_does_not_answer_leads_nowhere(tmp_path: Path) -> None:
    config = copy(tmp_path)
    change(config, Mistake(MAIN, "start: recording", "start: recording\nnumbers: ['170']", "", ""))
    (problem,) = found(config)
    assert problem.key == "numbers[0]"
    assert 'the trunk does not answer "170"; allowed: 169, 021169, +6221169' in problem.message
    assert found(config, overrides={"asterisk.trunk.numbers": "169,170"}) == []


def test_a_menu_to_which_no_number_leads_is_refused(tmp_path: Path) -> None:
    config = copy(tmp_path)
    text = "start: a\nnodes: {a: {kind: queue, queue: general}}\n"
    (config / "centre/ivr/other.yaml").write_text(text, encoding="utf-8")
    (problem,) = found(config)
    assert (problem.file, problem.key) == (str(config / "centre/ivr/other.yaml"), "numbers")


def test_each_wrong_number_is_reported_once(tmp_path: Path) -> None:
    config = copy(tmp_path)
    change(config, Mistake(MAIN, "start: recording", "start: recording\nnumbers: [abc, def]", "", ""))
    assert [problem.key for problem in found(config)] == ["numbers[0]", "numbers[1]"]


def test_a_menu_that_gives_up_needs_its_goodbye(tmp_path: Path) -> None:
    config = copy(tmp_path)
    change(config, Mistake("centre/prompts.yaml", "\ngoodbye:", "\nfarewell:", "", ""))
    change(config, menu(", id/goodbye]", "]", "", ""))
    change(config, menu("    on_invalid: topic\n", "", "", ""))
    (problem,) = found(config)
    assert problem.file == str(config / MAIN)
    assert '"goodbye"' in problem.message


@pytest.mark.parametrize(
    ("sound", "content", "says"),
    [
        ("id/greeting.wav", b"", "not a sound file (it ends too early)"),
        ("id/greting.wav", b"", 'did you mean "greeting"?'),
        ("jv/greeting.wav", b"", "allowed: id, en"),
    ],
)
def test_a_recorded_prompt_is_looked_at(tmp_path: Path, sound: str, content: bytes, says: str) -> None:
    config = copy(tmp_path)
    file = config / "centre/prompts" / sound
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    (problem,) = found(config)
    assert problem.file == str(file)
    assert says in problem.message


def test_a_key_cannot_make_the_report_unreadable(tmp_path: Path) -> None:
    config = copy(tmp_path)
    change(config, Mistake("centre/reasons.yaml", "meeting:", '"a\\n\\e[2J\\ud800": {}\nmeeting:', "", ""))
    lines = [str(problem) for problem in found(config)]
    assert lines
    assert all(line.isprintable() and line.encode() for line in lines)


def test_the_shipped_configuration_is_sound(tmp_path: Path) -> None:
    assert found(SHIPPED) == []
    assert found(SHIPPED / "sambung.toml") == []
    assert found(mistakes.copy(tmp_path)) == []
    assert found(copy(tmp_path / "small")) == []


def test_mistakes_in_every_file_are_reported_at_once_in_order(tmp_path: Path) -> None:
    config = copy(tmp_path)
    wrong = [
        Mistake("centre/centre.yaml", "drain: 30 s", "drain: 30", "drain", ""),
        Mistake("centre/queues.yaml", "wrap_up: 60 s", "wrap_up: 60", "technical.wrap_up", ""),
        Mistake("centre/profiles.yaml", "channels: video}", "channels: tv}", "video[0].channels", ""),
        Mistake("centre/agents.yaml", "first: ag401", "first: 401", "groups.instagram.first", ""),
        Mistake("centre/hours.yaml", "mon-fri: 08:00-16:00", "mon-fri: 8-16", "walkin.weekly.mon-fri", ""),
        Mistake("centre/reasons.yaml", "limit: 15 min", "limit: 15", "break.limit", ""),
        Mistake("centre/prompts.yaml", "en: Thank you for calling.", 'en: ""', "greeting.en", ""),
        menu("tries: 2", "tries: 0", "language.tries", ""),
        menu("queue: general}", "queue: generel}", "general.queue", ""),
    ]
    expected = sorted((str(config / m.file), change(config, m), m.key) for m in wrong)
    assert [(p.file, p.line, p.key) for p in found(config)] == expected


def test_a_menu_of_a_thousand_steps_is_read(tmp_path: Path) -> None:
    config = copy(tmp_path)
    steps = "".join(f"  n{i}: {{kind: say, prompts: [greeting], next: n{i + 1}}}\n" for i in range(1500))
    long = f"start: n0\nnumbers: ['021169']\nnodes:\n{steps}  n1500: {{kind: queue, queue: general}}\n"
    (config / "centre/ivr/long.yaml").write_text(long, encoding="utf-8")
    assert found(config) == []
    assert len(load_centre(config / "centre").flow("021169").nodes) == 1502
