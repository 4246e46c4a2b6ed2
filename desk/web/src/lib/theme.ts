// Light, dark, or what the machine prefers.

import { signal } from "@preact/signals";
import { keep, kept } from "./keep";

export type Theme = "system" | "light" | "dark";

export const theme = signal<Theme>(kept<Theme>("local", "theme", "system"));

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  keep("local", "theme", chosen === "system" ? null : chosen);
  if (chosen === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = chosen;
}
