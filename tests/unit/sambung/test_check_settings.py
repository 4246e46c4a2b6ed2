from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.sambung.mistakes import Mistake, change, copy, found

TOML = "sambung.toml"


def setting(old: str, new: str, key: str, says: str, at: str = "") -> Mistake:
    return Mistake(TOML, old, new, key, says, at)


TRUNK = "asterisk.trunk"
MISTAKES = [
    setting(
        "watchdog_s = 5.0", "watchdog = 5.0", "watchdog", 'did you mean "watchdog_s"? allowed: home, centre,'
    ),
    setting("watchdog_s = 5.0", "watchdog_s = 0", "watchdog_s", "outside 1 to 300"),
    setting("watchdog_s = 5.0", 'watchdog_s = "soon"', "watchdog_s", "not a number from 1 to 300"),
    setting("watchdog_s = 5.0", "watchdog_s = [5]", "watchdog_s", "a number is needed, not a list"),
    setting("watchdog_s = 5.0", "watchdog_s = inf", "watchdog_s", "not a number from 1 to 300"),
    setting(
        '# proxies = ["127.0.0.1"]', 'proxies = ["10.0.0.1/24"]', "web.proxies[0]", "the address of a proxy"
    ),
    setting('# proxies = ["127.0.0.1"]', 'proxies = ["nginx"]', "web.proxies[0]", "the address of a proxy"),
    setting("restart_s = 0.1", "restart_s = 0.01", "restart_s", "outside 0.1 to 60"),
    setting('home = "../var"', 'home = "../my var"', "home", "letters, digits and / . _ - @ + ~"),
    setting('home = "../var"', f'home = "../{"v" * 90}"', "home", "within 100 bytes"),
    setting('home = "../var"', 'home = "~nobody-of-that-name/var"', "home", "write the whole path"),
    setting('home = "../var"', 'home = ""', "home", "write a text, or remove the key"),
    setting('home = "../var"', 'home = "a\\nb"', "home", "write it on one line"),
    setting('recordings = "recordings"', 'recordings = "kept; all"', "recordings", "only these are allowed"),
    setting('# database = "post', 'database = "mysql://x"  # "post', "database", "sqlite+aiosqlite://"),
    setting('home = "asterisk"', f'home = "/{"a" * 90}"', "asterisk.home", "within 100 bytes"),
    setting('spool = "spool"', 'spool = "[spool]"', "asterisk.spool", "only these are allowed"),
    setting('host = "127.0.0.1"', 'host = "localhost"', "asterisk.host", "IPv4 address"),
    setting('host = "127.0.0.1"', 'host = "::1"', "asterisk.host", "IPv4 address"),
    setting('host = "127.0.0.1"', 'host = "127.0.0.256"', "asterisk.host", "IPv4 address"),
    setting("sip_port = 15060", "sip_port = 70000", "asterisk.sip_port", "outside 1 to 65535"),
    setting("sip_port = 15060", "sip_port = true", "asterisk.sip_port", "a whole number from 1 to 65535"),
    setting("sip_port = 15060", "sip_port = 15060.5", "asterisk.sip_port", "a whole number from 1 to 65535"),
    setting("http_port = 18088", "http_port = 15060", "asterisk.http_port", "taken by sip_port"),
    setting("ami_port = 15038", "ami_port = 20500", "asterisk.ami_port", "the RTP range 20000 to 20999"),
    setting("rtp_first = 20000", "rtp_first = 80", "asterisk.rtp_first", "outside 1024 to 65535"),
    setting("rtp_first = 20000", "rtp_first = 65500", "asterisk.rtp_first", "begin at 65336 or below"),
    setting("rtp_last = 20999", "rtp_last = 20100", "asterisk.rtp_last", "that is 20199 or more"),
    setting("channels = 50", "channels = 1000", "asterisk.rtp_last", "that is 23999 or more", "rtp_last"),
    setting("channels = 50", "channels = 0", f"{TRUNK}.channels", "outside 1 to 10000"),
    setting("rtp_timeout_s = 30", "rtp_timeout_s = 1", "asterisk.rtp_timeout_s", "outside 5 to 3600"),
    setting("test_line = true", "test_line = 3", "asterisk.test_line", "true or false"),
    setting('listen = "127.0.0.1"', 'listen = "0.0.0.0"', "video.listen", "can reach"),
    setting("announce = []", 'announce = ["sip.example.net"]', "video.announce", "not an IPv4 address"),
    setting('prefer = "vp8"', 'prefer = "av1"', "video.prefer", "vp8, h264"),
    setting('peer = "127.0.0.1:15070"', 'peer = "127.0.0.1"', f"{TRUNK}.peer", "with its port"),
    setting('peer = "127.0.0.1:15070"', 'peer = "127.0.0.1:99999"', f"{TRUNK}.peer", "from 1 to 65535"),
    setting('peer = "127.0.0.1:15070"', 'peer = "10.0.0.300:5060"', f"{TRUNK}.peer", "from 0 to 255"),
    setting('peer = "127.0.0.1:15070"', 'peer = "[::1]:5060"', f"{TRUNK}.peer", "such as 203.0.113.7:5060"),
    setting("bind_port = 15061", "bind_port = 15060", f"{TRUNK}.bind_port", "give each its own port"),
    setting(
        'numbers = ["169", "021169", "+6221169"]', "numbers = []", f"{TRUNK}.numbers", "at least one number"
    ),
    setting('"021169", "+6221169"]', '"021-169"]', f"{TRUNK}.numbers[1]", "2 to 15 digits"),
    setting(
        'numbers = ["169", "021169", "+6221169"]', 'numbers = ""', f"{TRUNK}.numbers", "a list is needed"
    ),
    setting("[asterisk.trunk]", "[asterisk.trunck]", "asterisk.trunck", 'did you mean "trunk"?'),
    setting("[demo]", "[demos]", "demos", 'did you mean "demo"?'),
    setting("always_open = true", 'always_open = "perhaps"', "demo.always_open", "true or false"),
    setting("sip_port = 15060", "sip_port =", "", "not TOML"),
    setting("sip_port = 15060", "sip_port = 1\nsip_port = 2", "", "not TOML", "sip_port = 2"),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.key or 'syntax'}: {m.new[:30]}")
def test_a_wrong_setting_is_reported_alone_where_it_stands(tmp_path: Path, mistake: Mistake) -> None:
    config = copy(tmp_path)
    line = change(config, mistake)
    (problem,) = found(config)
    assert (problem.file, problem.line, problem.key) == (str(config / TOML), line, mistake.key)
    assert mistake.says in problem.message
    assert str(problem).startswith(f"{config / TOML}:{line}: {mistake.key}")


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("asterisk.sip_port", "many", "a whole number from 1 to 65535"),
        ("asterisk.trunk.numbers", "169,x", "digits"),
        ("asterisk", "5", "home, prompts, spool"),
        ("asterisk.color", "red", "unknown key"),
        ("demo.always_open", "", "true or false"),
        ("", "5", "unknown key"),
    ],
)
def test_a_wrong_setting_on_the_command_line_names_its_key(
    tmp_path: Path, key: str, value: str, says: str
) -> None:
    (problem,) = found(copy(tmp_path), overrides={key: value})
    assert problem.key == key
    assert str(problem).startswith(f"--set: {key}" if key else "--set: ")
    assert says in problem.message


def test_a_wrong_home_on_the_command_line_is_named(tmp_path: Path) -> None:
    (problem,) = found(copy(tmp_path), tmp_path / "a b")
    assert str(problem).startswith("--home: ")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    config = copy(tmp_path)
    (config / TOML).unlink()
    (problem,) = found(config)
    assert str(problem) == f"{config / TOML}: cannot be read: no such file or directory"


def test_a_folder_of_the_centre_that_is_not_there_is_one_mistake(tmp_path: Path) -> None:
    (problem,) = found(copy(tmp_path), overrides={"centre": "nowhere"})
    assert str(problem).startswith(f"{tmp_path / 'config' / 'nowhere'}: no such folder")


def test_every_wrong_setting_is_reported_at_once(tmp_path: Path) -> None:
    config = copy(tmp_path)
    mistakes = [
        setting("watchdog_s = 5.0", "watchdog_s = 0", "watchdog_s", ""),
        setting('host = "127.0.0.1"', 'host = "localhost"', "asterisk.host", ""),
        setting("channels = 50", "channels = 0", f"{TRUNK}.channels", ""),
        Mistake("centre/queues.yaml", "wrap_up: 60 s", "wrap_up: 60", "technical.wrap_up", ""),
        Mistake("centre/ivr/main.yaml", "tries: 1", "tries: 0", "nodes.closed_choice.tries", ""),
    ]
    expected = [(str(config / m.file), change(config, m), m.key) for m in mistakes]
    assert [(p.file, p.line, p.key) for p in found(config)] == sorted(expected)
