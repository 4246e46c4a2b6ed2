// Runs before anything is painted, so that no page flashes in the wrong light or is read in the wrong language.

import { kept } from "../lib/keep";

const root = document.documentElement;
root.lang = kept<string>("local", "language", "id") === "en" ? "en" : "id";
const theme = kept<string>("local", "theme", "");
if (theme === "light" || theme === "dark") root.dataset["theme"] = theme;
