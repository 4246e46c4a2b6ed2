import { actions, keysOf } from "../lib/keys";

/** The key of an action, by whatever the person has set. */
export function keyFor(id: string): string {
  const action = actions.value.find((each) => each.id === id);
  return action ? keysOf(action) : "";
}
