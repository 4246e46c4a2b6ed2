// Small choices of words and pictures that several pages make alike.

import { say } from "../text/common";
import type { IconName } from "../ui/icons";
import { Refused, Unanswered } from "./api";
import type { Channel } from "./model";

export const CHANNEL_ICON: Readonly<Record<Channel, IconName>> = {
  voice: "phone", video: "video", walkin: "building-store", whatsapp: "brand-whatsapp", email: "mail",
  instagram: "brand-instagram", chat: "message-2",
};

const CODES = [
  "signed_out", "forbidden", "no_agent", "not_yours", "unknown", "conflict", "taken", "no_number", "over", "invalid", "later",
] as const;

/** What went wrong and what to do, for the person. */
export function problem(error: unknown): string {
  if (error instanceof Unanswered) return say("error_unanswered");
  if (!(error instanceof Refused)) throw error;
  const code = CODES.find((each) => each === error.code);
  return code ? say(`error_${code}`) : say("error_other", { code: error.code });
}
