from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.sambung.mistakes import Mistake, change, copy, found


def inside(file: str) -> Callable[..., Mistake]:
    """Return how to write a mistake in a file of the centre: old, new, key, says, at."""

    def mistake(*change: str) -> Mistake:
        return Mistake(f"centre/{file}.yaml", *change)

    return mistake


centre, queues, profiles, agents = map(inside, ("centre", "queues", "profiles", "agents"))
hours, prompts, reasons, categories = map(inside, ("hours", "prompts", "reasons", "categories"))
video = inside("video")

NAME = "name:\n  id: Contact Center Kementerian Investasi\n  en: Ministry of Investment Contact Centre"
VOICE_ROW = "voice:\n  - {queues: [licensing, lkpm, technical, general], channels: voice}"
WALKIN_SHIFT = "mon-fri: 08:00-16:00"
GENERAL = "general:\n  name: {id: Informasi umum, en: General enquiries}"
AGENT = "{name: Zahra, profile: voice}"

MISTAKES = [
    centre("zone: Asia/Jakarta", "zone: Asia/Jakarte", "zone", "a time zone such as Asia/Jakarta"),
    centre("zone: Asia/Jakarta", "zone: ../../etc/passwd", "zone", "a time zone such as Asia/Jakarta"),
    centre("zone: Asia/Jakarta", "zonne: Asia/Jakarta", "zonne", 'did you mean "zone"?'),
    centre(NAME, NAME.rpartition("\n")[0], "name.en", "a text is needed"),
    centre("voice: en\n", "voice: -f /etc/passwd\n", "languages.en.voice", "espeak-ng voice"),
    centre("voice: en\n", "voice: martian\n", "languages.en.voice", "espeak-ng --voices lists those it has"),
    centre("speed: 145", "speed: 1000", "languages.en.speed", "outside 80 to 400"),
    centre(
        "skill: language-en", "skill: english", "languages.en.skill", "allowed: language-en, oss-technical"
    ),
    centre("OSS account and technical}", "OSS, de: OSS}", "skills.oss-technical.de", "allowed: id, en"),
    centre("\nskills:\n", "\nskills:\n  Latin: {id: L, en: L}\n", "skills.Latin", "letter first", "Latin"),
    centre("\nskills:\n", "\nskills:\n  latin: {id: L, en: L}\n", "skills.latin", "agents.yaml", "latin"),
    centre("voice: {cost: 100}", "voice: {cost: 101}", "channels.voice.cost", "outside 1 to 100"),
    centre("video: {cost: 100}", "video: {}", "channels.video.cost", "a whole number is needed"),
    centre("  chat: {cost: 50}", "  chat: {cost: 50}\n  fax: {cost: 5}", "channels.fax", "whatsapp", "fax"),
    centre(
        "email: {cost: 50}",
        "email: {cost: 50, interrupted_by: [phone]}",
        "channels.email.interrupted_by[0]",
        "allowed: voice, video",
    ),
    centre(
        "voice: {cost: 100}",
        "voice: {cost: 100, interrupted_by: [video, voice]}",
        *("channels.voice.interrupted_by", "voice cannot interrupt itself"),
    ),
    centre("\nchannels:\n", "\nchanels:\n", "chanels", 'did you mean "channels"?', "chanels"),
    centre("drain: 30 s", "drain: 30", "drain", "20 s, 5 min or 1 h"),
    centre("drain: 30 s", "drain: 2 h", "drain", "outside 0 ms to 1 h"),
    centre("drain: 30 s", "drain: 30 s\nzone: UTC", "zone", "already on line 8", "zone: UTC"),
    queues(GENERAL, f"{GENERAL}\n  ofer: 20 s", "general.ofer", 'did you mean "offer"?', "ofer"),
    queues(GENERAL, f"{GENERAL}\n  priority: 1000", "general.priority", "outside -100 to 100", "priority: 1"),
    queues(
        GENERAL,
        f"{GENERAL}\n  overflow: licensing",
        *("licensing.overflow", "goes round: licensing -> general -> licensing", "overflow: general"),
    ),
    queues(
        f"{GENERAL}\n  hours: office",
        f"{GENERAL}\n  hours: offices",
        *("general.hours", 'mean "office"', "hours: offices"),
    ),
    queues(
        f"{GENERAL}\n  hours: office",
        f"{GENERAL}\n  at_close: leave",
        *("general.at_close", "never closes", "at_close: leave"),
    ),
    queues(
        f"{GENERAL}\n  hours",
        f"{GENERAL}\n  at_close: go\n  hours",
        "general.at_close",
        "serve, leave",
        "at_close",
    ),
    queues("wrap_up: 60 s", "wrap_up: soon", "technical.wrap_up", "500 ms, 20 s"),
    queues("wrap_up: 60 s", "wrap_up: 2 h", "technical.wrap_up", "outside 0 ms to 1 h"),
    queues(", en: General enquiries}", "}", "general.name.en", "a text is needed"),
    queues("{id: Informasi umum, en: General enquiries}", "General", "general.name", "are needed: id, en"),
    queues(GENERAL, f"vip:\n  name: {{id: V, en: V}}\n{GENERAL}", "vip", "the profile of some agent", "vip"),
    queues(GENERAL, f"vip: 5\n{GENERAL}", "vip", "keys with values are needed: name, offer", "vip"),
    profiles(
        VOICE_ROW,
        VOICE_ROW.replace("lkpm", "lpkm"),
        "voice[0].queues[1]",
        'mean "lkpm"?',
        "- {queues: [licensing, lpkm",
    ),
    profiles(
        "channels: [whatsapp, chat]", "channels: [whatsapp, sms]", "whatsapp[0].channels[1]", "allowed: voice"
    ),
    profiles("channels: video}", "channels: video, rank: 0}", "video[0].rank", "outside 1 to 99"),
    profiles("channels: video}", "channels: video, delay: 2 h}", "video[0].delay", "outside 0 ms to 1 h"),
    profiles(
        "channels: video}", "channels: video}\n  - video", "video[1]", "queues, channels, rank", "- video"
    ),
    profiles(
        "channels: video}",
        "channels: video}\n  - {queues: [lkpm, general], channels: video}",
        "video[1]",
        "name it once",
        "- {queues: [lkpm, g",
    ),
    video("priority: 20", "priority: -1", "appointments.priority", "outside 0 to 1000", "priority: -1"),
    video("length: 30 min", "length: 5 h", "appointments.length", "outside 5 min to 4 h"),
    video("before: 10 min", "befor: 10 min", "appointments.befor", 'did you mean "before"?'),
    agents(
        "profile: voice\n    languages: [id, en]",
        "profile: vice\n    languages: [id, en]",
        *("groups.voice-english.profile", 'did you mean "voice"?', "profile: vice"),
    ),
    agents("names: [Ratih, Ratna, Reza, Rina]", "names: []", "groups.instagram.names", "at least one name"),
    agents(
        "names: [Ratih, Ratna, Reza, Rina]", 'names: [Ratih, ""]', "groups.instagram.names[1]", "write a text"
    ),
    agents("first: ag401", "first: 401", "groups.instagram.first", "such as ag101"),
    agents("first: ag101", "first: 101", "groups.voice.first", "such as ag101"),
    agents("first: ag401", "first: ag101", "groups.instagram.first", "ids are unique"),
    agents(
        "first: ag401", "first: ag401\n    age: 30", "groups.instagram.age", "first, names, profile", "age:"
    ),
    agents("agents: {}", f"agents: {{701: {AGENT}}}", "agents.701", "a letter first"),
    agents("agents: {}", f"agents: {{Zahra: {AGENT}}}", "agents.Zahra", "a-z, 0-9, - or _"),
    agents("agents: {}", f"agents: {{ag101: {AGENT}}}", "agents.ag101", "ids are unique"),
    agents(
        "agents: {}",
        "agents: {ag701: {name: Z, profile: voice, languages: jv}}",
        *("agents.ag701.languages", "allowed: id, en"),
    ),
    agents(
        "agents: {}",
        "agents: {ag701: {name: Z, profile: voice, skills: {oss: 1}}}",
        *("agents.ag701.skills.oss", "allowed: language-en, oss-technical"),
    ),
    agents(
        "agents: {}",
        "agents: {ag701: {name: Z, profile: voice, skills: {oss-technical: 11}}}",
        *("agents.ag701.skills.oss-technical", "outside 1 to 10"),
    ),
    agents("agents: {}", "agents:", "agents", "{} for none"),
    agents("ag103, ag121]", "ag103, ag999]", "fallback[3]", "allowed: ag101, ag102"),
    hours("country: ID", "country: XX", "holidays.country", "allowed: "),
    hours("[public, government]", "[public, bank]", "holidays.categories[1]", "allowed: "),
    hours("  add: {}", "  add: {2027-02-30: x}", "holidays.add.2027-02-30", "a date such as 2026-12-31"),
    hours("  remove: []", "  remove: [25 Desember]", "holidays.remove[0]", "a date such as 2026-12-31"),
    hours("  remove: []", "  remove: [20261225]", "holidays.remove[0]", "a date such as 2026-12-31"),
    hours(WALKIN_SHIFT, "sen-jum: 08:00-16:00", "walkin.weekly.sen-jum", "allowed: mon, tue"),
    hours(WALKIN_SHIFT, "fri-mon: 08:00-16:00", "walkin.weekly.fri-mon", "the earlier day first"),
    hours(WALKIN_SHIFT, "sat-mon: 08:00-16:00", "walkin.weekly.sat-mon", "the earlier day first"),
    hours(WALKIN_SHIFT, "mon-: 08:00-16:00", "walkin.weekly.mon-", "allowed: mon, tue"),
    hours(
        WALKIN_SHIFT,
        f"{WALKIN_SHIFT}\n    thu-sat: closed",
        "walkin.weekly.thu-sat",
        "each day once",
        "thu-sat",
    ),
    hours(WALKIN_SHIFT, "mon-fri: 8-16", "walkin.weekly.mon-fri", "08:00-17:00, nor closed"),
    hours(WALKIN_SHIFT, "mon-fri: 08:00-24:01", "walkin.weekly.mon-fri", "at 24:00 at the latest"),
    hours(WALKIN_SHIFT, "mon-fri: 08:00-08:00", "walkin.weekly.mon-fri", "a whole day is 00:00-24:00"),
    hours(
        WALKIN_SHIFT,
        "mon-fri: 22:00-08:30\n    sat: 08:00-09:00",
        *("walkin.weekly.mon-fri", "the night of fri overlaps the first shift of sat", "mon-fri: 22:00"),
    ),
    hours("remove: []", "remove: [2026-11-25]", "holidays.remove[0]", "only a holiday can be removed"),
    hours(
        WALKIN_SHIFT, "mon-fri: 08:00-12:00, 11:00-16:00", "walkin.weekly.mon-fri", "apart from each other"
    ),
    hours(WALKIN_SHIFT, "mon-fri: [13:00-16:00, 08:00-12:00]", "walkin.weekly.mon-fri[1]", "in order"),
    hours("  special: {}", "  special: {31-12-2026: closed}", "office.special.31-12-2026", "2026-12-31"),
    hours("  special: {}", "  special: {2026-12-31: shut}", "office.special.2026-12-31", "nor closed"),
    hours(
        "  special: {}",
        '  special: {2026-12-30: "22:00-06:00", 2026-12-31: "05:00-09:00"}',
        *("office.special.2026-12-30", "the night of 2026-12-30 overlaps the first shift of 2026-12-31"),
    ),
    hours(
        "  special: {}",
        # The day after is a weekday like any other.
        '  special: {2026-11-24: "22:00-08:30"}',
        *("office.special.2026-11-24", "the first shift of 2026-11-25"),
    ),
    hours("# The break is", "closed: no\n# The break is", "closed", "weekly, break, special"),
    reasons("limit: 15 min", "limit: 15 s", "break.limit", "outside 1 min to 24 h"),
    reasons("{id: Rapat, en: Meeting}", "{en: Meeting}", "meeting.name.id", "a text is needed"),
    categories("other:\n", "other:\n  kind: spam\n", "other.kind", "allowed: topic, unserved", "kind: spam"),
    prompts(
        "  en: Sorry, that is not one of the choices.\n", "", "invalid.en", "a text is needed", "invalid:"
    ),
    prompts("en: Sorry, that is not one of the choices.", 'en: " "', "invalid.en", "write a text"),
    prompts("en: Sorry, that is not one of the choices.", 'en: "\\ud800"', "invalid.en", "plain text"),
    prompts(
        "  en: Thank you for calling.\n", "  en: Hi.\n  jv: Halo.\n", "greeting.jv", "allowed: id, en", "jv:"
    ),
    prompts(
        "notice.nobody:", "notice.nobodi:", "notice.nobody", "a text is needed", "# What is said. A sound"
    ),
    prompts("emergency.building:", "Emergency.building:", "Emergency.building", "letter or digit first"),
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: f"{m.file[7:-5]}: {m.key}: {m.new[:30]!r}")
def test_a_mistake_is_reported_alone_where_it_stands(tmp_path: Path, mistake: Mistake) -> None:
    config = copy(tmp_path)
    line = change(config, mistake)
    (problem,) = found(config)
    assert (problem.file, problem.line, problem.key) == (str(config / mistake.file), line, mistake.key)
    assert mistake.says in problem.message
