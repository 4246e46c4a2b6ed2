// What was handed over in a visit, for the work after it.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { API, ask } from "../lib/api";
import { say } from "../text/files";
import { Button } from "../ui/button";
import { Strip } from "../ui/strip";
import { Handed } from "../visitor/handed";
import { filesPath } from "./files";
import type { FileInfo } from "./messages";

interface Given {
  readonly at: number;
  readonly file: FileInfo;
}

/** Nothing where nothing was handed over. */
export function VisitFiles({ id }: { readonly id: string }) {
  const given = useSignal<readonly Given[] | null>(null);
  const failed = useSignal(false);
  const room = `/interactions/${id}/room`;
  const look = async (): Promise<void> => {
    failed.value = false;
    try {
      given.value = await ask<readonly Given[]>(filesPath(room));
    } catch {
      failed.value = true;
    }
  };
  useEffect(() => void look(), [id]);
  if (failed.value) {
    return <Strip kind="warning" action={<Button size="small" onPress={look}>{say("again")}</Button>}>{say("list_failed")}</Strip>;
  }
  if (!given.value?.length) return null;
  return (
    <section class="visit-files" aria-label={say("list")}>
      <h2>{say("list")}</h2>
      <ul>
        {given.value.map(({ file }) => (
          <li key={file.id}><Handed url={filesPath(`${API}${room}`, file.id)} file={file} staff /></li>
        ))}
      </ul>
    </section>
  );
}
