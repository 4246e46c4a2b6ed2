import { useEffect, useRef } from "preact/hooks";
import { go } from "../lib/router";
import { say } from "../text/admin";
import { Icon } from "../ui/icon";
import { drafts } from "./file";
import { SECTIONS, type Section, addressOf, sectionOf } from "./sections";

/** The parts, one level deep. A part with a draft says so. */
export function Nav({ here }: { readonly here: Section | null }) {
  const drafted = new Set(drafts.value.map((id) => sectionOf(id)?.id));
  const list = useRef<HTMLUListElement>(null);
  // On a narrow screen the parts stand in a row that scrolls.
  useEffect(() => {
    const show = (): void => list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
    show();
    addEventListener("resize", show);
    return () => removeEventListener("resize", show);
  }, [here]);
  const open = (event: MouseEvent, section: Section): void => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(addressOf(section.id));
    // A new page is read from its heading on.
    setTimeout(() => document.getElementById("main")?.focus(), 0);
  };
  return (
    <nav class="side" aria-label={say("sections")}>
      <ul ref={list}>
        {SECTIONS.map((each) => (
          <li key={each.id}>
            <a href={addressOf(each.id)} aria-current={each === here ? "page" : undefined} onClick={(event) => open(event, each)}>
              <Icon name={each.icon} /><span class="grow">{say(each.label)}</span>
              {drafted.has(each.id) && <span class="chip offered">{say("draft")}</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
