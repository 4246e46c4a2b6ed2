// What a new password must be, before the server is asked.

/** The fewest characters of a password; the server says so too. */
export const FEWEST = 12;

export type PasswordFlaw = "short" | "same" | "differs";

/** What is wrong with a new password that was typed twice; null if nothing is. Characters are counted, not bytes. */
export function passwordFlaw(old: string, fresh: string, again: string): PasswordFlaw | null {
  if ([...fresh].length < FEWEST) return "short";
  if (fresh === old) return "same";
  return fresh === again ? null : "differs";
}
