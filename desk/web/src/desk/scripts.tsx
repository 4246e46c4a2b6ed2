// What an agent reads during a contact: the queue's script, and articles found by typing.

import { effect, signal, useSignal } from "@preact/signals";
import { Refused, Unanswered, ask } from "../lib/api";
import { labelled } from "../lib/i18n";
import type { Contact, Label } from "../lib/model";
import { fits } from "../lib/search";
import { say } from "../text/customer";
import { Icon } from "../ui/icon";
import { Prose } from "../ui/prose";
import { Sheet } from "../ui/sheet";
import { link } from "./link";

export interface Article {
  readonly id: string;
  readonly queue: string | null;
  readonly title: Label;
  readonly text: Label;
}

export const articles = signal<readonly Article[]>([]);
/** The article that was looked up, over the page. */
const reading = signal<string | null>(null);

/** Read them whenever the server is there again: it may have been given others. */
export function watchArticles(): void {
  effect(() => {
    if (link.state.value.is === "up") void read();
  });
}

async function read(): Promise<void> {
  try {
    articles.value = await ask<readonly Article[]>("/articles");
  } catch (error) {
    if (!(error instanceof Refused || error instanceof Unanswered)) throw error;
  }
}

const matches = (typed: string, article: Article): boolean =>
  fits(typed, ...Object.values(article.title), ...Object.values(article.text));

/** What Ctrl K finds: each article, by any word in it. */
export function articleCommands() {
  return articles.value.map((article) => ({
    id: `article-${article.id}`,
    label: labelled(article.title, article.id),
    also: [...Object.values(article.title), ...Object.values(article.text)].join(" "),
    group: say("scripts"),
    hint: <Icon name="notes" />,
    run: () => { reading.value = article.id; },
  }));
}

export function ScriptPanel({ contact }: { readonly contact: Contact }) {
  const typed = useSignal("");
  const chosen = useSignal<string | null>(null);
  const own = articles.value.find((article) => article.queue !== null && article.queue === contact.queue) ?? null;
  const found = typed.value.trim() ? articles.value.filter((article) => matches(typed.value, article)) : [];
  const shown = articles.value.find((article) => article.id === chosen.value) ?? own;
  return (
    <>
      <input
        class="input search" type="search" aria-label={say("scripts_search")} placeholder={say("scripts_search")} value={typed.value}
        onInput={(event) => { typed.value = event.currentTarget.value; }}
      />
      {typed.value.trim() ? (
        found.length === 0 ? <p class="small muted" role="status">{say("scripts_none")}</p> : (
          <ul class="found" aria-label={say("scripts")}>
            {found.map((article) => (
              <li key={article.id}>
                <button type="button" class="option" onClick={() => { chosen.value = article.id; typed.value = ""; }}>
                  <Icon name="notes" /><span class="grow clamp">{labelled(article.title, article.id)}</span>
                </button>
              </li>
            ))}
          </ul>
        )
      ) : shown ? (
        <article>
          <h2 class="label">{labelled(shown.title, shown.id)}</h2>
          <Prose text={labelled(shown.text, "")} />
        </article>
      ) : <p class="small muted">{say("scripts_empty")}</p>}
    </>
  );
}

/** The article that was looked up by Ctrl K. */
export function ArticleSheet() {
  const article = articles.value.find((each) => each.id === reading.value);
  if (!article) return null;
  return (
    <Sheet title={labelled(article.title, article.id)} onClose={() => { reading.value = null; }}>
      <div data-first tabIndex={-1} class="reading"><Prose text={labelled(article.text, "")} /></div>
    </Sheet>
  );
}
