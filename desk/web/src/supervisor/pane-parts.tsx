import type { ComponentChildren } from "preact";
import { say } from "../text/supervisor";
import { Button } from "../ui/button";
import { unselect } from "./state";

export function PaneHead({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <>
      <div class="row">
        <h2 class="grow"><bdi>{title}</bdi></h2>
        <Button kind="quiet" size="small" icon="x" name={say("close_pane")} onPress={unselect} />
      </div>
      {children}
    </>
  );
}

export function Facts({ facts }: { readonly facts: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  );
}
