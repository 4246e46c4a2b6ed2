import type { Voicemail } from "../lib/voicemails";
import { soundOf } from "../lib/voicemails";
import { say as common } from "../text/common";
import { say } from "../text/voicemail";

export const callerOf = (message: Voicemail): string => message.caller ?? say("withheld");

/** What the caller said. Nothing is fetched before somebody listens: each listening is written down. */
export function Player({ of }: { readonly of: Voicemail }) {
  // One voice at a time.
  const alone = (event: Event): void => {
    for (const each of document.querySelectorAll("audio[controls]")) {
      if (each !== event.currentTarget && each instanceof HTMLAudioElement) each.pause();
    }
  };
  if (!of.sound) return <p class="small over">{say("lost")}</p>;
  return (
    <div class="message">
      <audio
        controls controlsList="nodownload noplaybackrate" preload="none" src={soundOf(of.id)} onPlay={alone}
        aria-label={say("play", { who: of.caller ?? common("unknown_caller") })}
      />
      <p class="small muted">{say("transcript")}</p>
    </div>
  );
}
