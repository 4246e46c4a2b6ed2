// Files in the conversation of a video call: one that was handed over, those on their way, and the button that begins it.

import { useRef } from "preact/hooks";
import "../styles/handed.css";
import { say } from "../text/files";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import type { VideoCall } from "../video/call";
import { faultWords, kindWord, sizeWords } from "../video/files";
import type { FileInfo } from "../video/messages";

interface HandedProps {
  readonly url: string;
  readonly file: FileInfo;
  /** Whether an agent looks; else the visitor. */
  readonly staff: boolean;
}

/** A file: what it is, and the way to save it. A picture is shown. */
export function Handed({ url, file, staff }: HandedProps) {
  const facts = `${kindWord(file.kind)} · ${sizeWords(file.size)}`;
  return (
    <>
      {file.snapshot && <p class="handed-note"><Icon name="camera" />{staff ? say("snapshot_kept") : say("snapshot_by_agent")}</p>}
      <a class="handed" href={url} download={file.name}>
        <span class="unseen">{say("save")} </span>
        {file.kind.startsWith("image/") ? <img src={url} alt="" loading="lazy" /> : <Icon name="file-text" />}
        <span class="grow"><bdi>{file.name}</bdi> <small>{facts}</small></span>
        <Icon name="download" />
      </a>
    </>
  );
}

/** What is on its way, and what did not get through and why. */
export function OnTheWay({ call }: { readonly call: VideoCall }) {
  const rules = call.rules.value;
  if (!rules || call.sending.value.length === 0) return null;
  return (
    <div role="status"><ul class="handing">
      {call.sending.value.map((each) => (
        <li key={each.key} class={each.fault ? "bad" : ""}>
          {each.fault ? <Icon name="alert-triangle" /> : <span class="icon spinner" />}
          <span class="grow"><bdi>{faultWords(each, rules)}</bdi></span>
          {each.fault === "file_failed" && (
            <Button size="small" icon="refresh" name={say("again")} onPress={() => call.giveAgain(each.key)} />
          )}
          {each.fault && <Button size="small" kind="quiet" icon="x" name={say("put_away")} onPress={() => call.putAway(each.key)} />}
        </li>
      ))}
    </ul></div>
  );
}

interface AttachProps {
  readonly call: VideoCall;
  readonly photo?: boolean;
  readonly onChosen?: () => void;
}

/** Opens the device's own way to choose a file, or to take a picture. */
export function Attach({ call, photo = false, onChosen }: AttachProps) {
  const field = useRef<HTMLInputElement>(null);
  const rules = call.rules.value;
  if (!rules) return null;
  const kinds = photo ? rules.kinds.filter((kind) => kind.startsWith("image/")) : rules.kinds;
  return (
    <>
      <input
        ref={field} type="file" hidden multiple={!photo} accept={kinds.join(",")} tabIndex={-1}
        onChange={({ currentTarget }) => {
          const files = [...(currentTarget.files ?? [])];
          currentTarget.value = "";
          if (files.length > 0) onChosen?.();
          for (const file of files) call.give(file, file.name);
        }}
      />
      <Button icon={photo ? "camera" : "paperclip"} name={photo ? say("photo") : say("attach")} onPress={() => field.current?.click()} />
    </>
  );
}
