// Leading a person to the place of a problem: the field of a form, the line of a text.

/** Whether a key lies at or within another. */
export function within(key: string, outer: string): boolean {
  return key === outer || key.startsWith(`${outer}.`) || key.startsWith(`${outer}[`);
}

/** Focus the field of a key. Whatever shows only one entry at a time is told first which to show. */
export function toField(key: string): void {
  dispatchEvent(new CustomEvent("sambung-show", { detail: key }));
  setTimeout(() => {
    const fields = [...document.querySelectorAll<HTMLElement>("[data-key]")];
    const keyed = (field: HTMLElement): string => field.dataset["key"] ?? "";
    const found = fields.find((field) => keyed(field) === key) ?? fields.find((field) => within(key, keyed(field)) || within(keyed(field), key));
    found?.focus();
  }, 30);
}

/** Put the caret on a line of the editor. */
export function toLine(line: number): void {
  const area = document.querySelector<HTMLTextAreaElement>("[data-editor]");
  if (!area) return;
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
  const height = area.scrollHeight / Math.max(1, lines.length);
  area.scrollTop = Math.max(0, (line - 1) * height - area.clientHeight / 2);
}
