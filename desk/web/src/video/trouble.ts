// Why a microphone or camera that is wanted is not on, in words, with what to do about it.

import { say } from "../text/devices";
import type { Trouble } from "./media";

export function troubleWords({ device, fault }: Trouble): string {
  const unusable = fault === "in_app" || fault === "insecure" || fault === "other" ? "other" : fault;
  return `${say(`${device}_${unusable}`)} ${say(`${unusable}_then`)}`;
}
