// What this browser keeps: settings over days (local), the state of one tab over a reload (session). A browser that
// refuses storage (private window, full disk) works on without.

type Place = "local" | "session";

const storage = (place: Place): Storage => (place === "local" ? localStorage : sessionStorage);

/** Read what was kept, or `otherwise` if there is nothing readable. */
export function kept<T>(place: Place, key: string, otherwise: T): T {
  try {
    const text = storage(place).getItem(`sambung.${key}`);
    return text === null ? otherwise : (JSON.parse(text) as T);
  } catch {
    return otherwise;
  }
}

/** Keep a value; `null` forgets it. */
export function keep(place: Place, key: string, value: unknown): void {
  try {
    if (value === null) storage(place).removeItem(`sambung.${key}`);
    else storage(place).setItem(`sambung.${key}`, JSON.stringify(value));
  } catch {
    // Nothing to do: it is a convenience.
  }
}
