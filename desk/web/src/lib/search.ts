// Finding by typing: every word typed begins some word of the thing.

const marks = /\p{M}/gu;

export function plain(text: string): string {
  return text.normalize("NFD").replace(marks, "").toLocaleLowerCase("id-ID");
}

/** Whether each typed word begins a word of one of the texts. */
export function fits(typed: string, ...texts: readonly string[]): boolean {
  const words = texts.flatMap((text) => plain(text).split(/[^\p{L}\p{N}]+/u));
  return plain(typed)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .every((part) => words.some((word) => word.startsWith(part)));
}
