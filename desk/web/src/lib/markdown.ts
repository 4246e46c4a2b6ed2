// A small part of Markdown, as blocks and spans. Only what is listed here has a meaning; all the rest is text, so nothing that
// an article holds can become markup.

export type Span =
  | { readonly kind: "text" | "strong" | "em"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string };

type Spans = readonly Span[];

export type Block =
  | { readonly kind: "heading" | "paragraph"; readonly spans: Spans }
  | { readonly kind: "bullets" | "numbers"; readonly items: readonly Spans[] };

type Kind = Block["kind"];

const INLINE = /\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\((https:\/\/[^\s()]+)\)/g;
const HEADING = /^#{1,4}\s+(.*)$/;
const BULLET = /^[-*]\s+(.*)$/;
const NUMBER = /^\d{1,3}\.\s+(.*)$/;

export function spans(text: string): Spans {
  const found: Span[] = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > at) found.push({ kind: "text", text: text.slice(at, match.index) });
    const [, strong, em, words, href] = match;
    if (strong) found.push({ kind: "strong", text: strong });
    else if (em) found.push({ kind: "em", text: em });
    else if (words && href) found.push({ kind: "link", text: words, href });
    at = match.index + match[0].length;
  }
  if (at < text.length) found.push({ kind: "text", text: text.slice(at) });
  return found;
}

/** What a line is, and its words; null for an empty one, which ends whatever went before. */
function line(text: string): readonly [Kind, string] | null {
  const heading = HEADING.exec(text)?.[1];
  if (heading !== undefined) return ["heading", heading];
  const bullet = BULLET.exec(text)?.[1];
  if (bullet !== undefined) return ["bullets", bullet];
  const number = NUMBER.exec(text)?.[1];
  if (number !== undefined) return ["numbers", number];
  return text === "" ? null : ["paragraph", text];
}

export function blocks(text: string): readonly Block[] {
  const groups: { readonly kind: Kind; readonly lines: string[] }[] = [];
  let before: Kind | null = null;
  for (const each of text.split(/\r?\n/)) {
    const found = line(each.trim());
    const kind = found?.[0] ?? null;
    if (found && (kind !== before || kind === "heading")) groups.push({ kind: found[0], lines: [] });
    if (found) groups.at(-1)?.lines.push(found[1]);
    before = kind;
  }
  return groups.map(({ kind, lines }): Block =>
    kind === "bullets" || kind === "numbers"
      ? { kind, items: lines.map(spans) }
      : { kind, spans: spans(lines.join(" ")) },
  );
}
