import type { IconName } from "./icons";

/** A picture beside a word. It is never read aloud; where it stands alone, its button has a name. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" aria-hidden="true">
      <use href={`${__ICONS__}#${name}`} />
    </svg>
  );
}
