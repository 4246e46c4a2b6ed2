// What the checker of the files says, in the language of the screen. It speaks English; what is not known here is shown as it came.

import { language } from "../lib/i18n";
import { say } from "../text/flaws";

type Flaw = Parameters<typeof say>[0];

const FORMS: readonly (readonly [RegExp, Flaw, ...string[]])[] = [
  [/^missing; (?:a text|.*text.*) is needed$/, "text_missing"],
  [/^missing; a duration such as .* is needed$/, "duration_missing"],
  [/^missing; a list is needed$/, "list_missing"],
  [/^missing; one of (.+) is needed$/, "choice_missing", "allowed"],
  [/^missing; (.+)$/, "missing", "what"],
  [/^empty; write a text/, "text_missing"],
  [/^empty; at least one .+ is needed$/, "one_needed"],
  [/^holds a (?:line break or )?control character/, "one_line"],
  [/^"(.*)" is not a duration with its unit/, "no_duration", "given"],
  [/^"(.*)" is not a (?:whole )?number from (.+) to (.+)$/, "no_number", "given", "low", "high"],
  [/^(.+) is outside (.+) to (.+)$/, "outside", "given", "low", "high"],
  [/^"(.*)" is not a date such as/, "no_date", "given"],
  [/^"(.*)" is not a span such as/, "no_span", "given"],
  [/^(.+) must end at 24:00/, "late_end", "given"],
  [/^(.+) ends when it begins/, "no_length", "given"],
  [/^shifts overlap or are out of order/, "overlap"],
  [/^the night of (\w+) overlaps the first shift of (\w+)/, "night", "first", "second"],
  [/^(.+): given already; give each day once$/, "day_twice", "given"],
  [/^longer than its window, (.+)$/, "long_break", "longest"],
  [/^(.+) is no holiday; only/, "no_holiday", "given"],
  [/^"(.*)" is not a name of a-z/, "no_identifier", "given"],
  [/^"(.*)" is not an agent's id/, "no_agent_id", "given"],
  [/^"(.*)" is not the first id of a group/, "no_first_id", "given"],
  [/^the id (.+) is already given on line (\d+)/, "id_twice", "given", "line"],
  [/^unknown(?: \w+)? "(.*)";(?: did you mean "(.*)"\?)? allowed: (.+)$/, "unknown", "given", "near", "allowed"],
  [/^a queue cannot overflow into itself/, "own_overflow"],
  [/^(.+) on (.+) is already in this profile/, "row_twice", "queue", "channel"],
  [/^written twice; it is already on line (\d+)$/, "twice", "line"],
  [/^this is no sound file that is known here: (.+)$/, "no_sound", "known"],
  [/^longer than (\d+) minutes; no caller listens/, "long_sound", "minutes"],
  [/^the sound file is damaged/, "broken_sound"],
  [/^the first line is the title/, "no_title"],
  [/^longer than ([\d,]+) characters$/, "long_text", "most"],
  [/^not YAML: (.+)$/, "no_yaml", "what"],
];

/** A problem's text for the person at the screen. */
export function flaw(message: string): string {
  if (language.value === "en") return capital(message);
  for (const [form, key, ...names] of FORMS) {
    const found = form.exec(message);
    if (found) return say(key, Object.fromEntries(names.map((name, n) => [name, units(found[n + 1] ?? "")])));
  }
  return capital(message);
}

const UNITS: Readonly<Record<string, string>> = { s: "dtk", min: "mnt", h: "jam" };

/** A duration alone, with its unit as people here write it. */
const units = (text: string): string => text.replace(/^([\d.]+) (s|min|h)$/, (_, amount: string, unit: string) => `${amount} ${UNITS[unit] ?? unit}`);

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
