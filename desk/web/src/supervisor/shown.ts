// Words and patterns of contacts and agents for those who lead.

import type { Agent, AgentState, Contact, Health, Queue } from "../lib/model";
import { reasonName } from "../lib/session";
import { say as common } from "../text/common";
import { say } from "../text/supervisor";
import type { IconName } from "../ui/icons";
import type { ThreadState } from "../ui/thread";

export interface Shown {
  readonly state: ThreadState;
  readonly word: string;
  readonly icon: IconName;
}

export function contactState(contact: Pick<Contact, "phase" | "call" | "kind">): Shown {
  if (contact.phase === "talking" && (contact.kind === "consult" || contact.call?.consult)) {
    return { state: "consulting", word: say("consulting"), icon: "users" };
  }
  switch (contact.phase) {
    case "offered":
      return { state: "offered", word: say("offered"), icon: "phone-incoming" };
    case "connecting":
      return { state: "connecting", word: say("connecting"), icon: "refresh" };
    case "talking":
      return { state: "talking", word: say("talking"), icon: "phone" };
    case "held":
      return { state: "held", word: say("held"), icon: "phone-pause" };
    case "parked":
      return { state: "parked", word: say("parked"), icon: "player-pause" };
    case "wrapping":
      return { state: "wrapping", word: say("wrapping"), icon: "notes" };
    case "waiting":
      return { state: "ringing", word: say("waiting"), icon: "clock" };
    case "closed":
      return { state: "idle", word: say("closed"), icon: "check" };
    default:
      return { state: "idle", word: say(contact.phase), icon: "menu-2" };
  }
}

const AGENT: Readonly<Record<AgentState, readonly [ThreadState, IconName]>> = {
  talking: ["talking", "phone"], held: ["held", "phone-pause"], offered: ["offered", "phone-incoming"],
  wrapping: ["wrapping", "notes"], ready: ["good", "check"], not_ready: ["away", "coffee"], signed_out: ["idle", "door-exit"],
};

export function agentState(agent: Agent): Shown {
  const [state, icon] = AGENT[agent.state];
  if (agent.state === "ready" && agent.reach.length === 0) {
    return { state: "failed", word: say("unreachable"), icon: "plug-connected-x" };
  }
  const word = agent.state === "not_ready" && agent.reason ? reasonName(agent.reason) : say(agent.state);
  return { state, word, icon };
}

export const healthThread = (health: Health): ThreadState => (health === "none" ? "idle" : health);

export function queueState(queue: Queue): Shown {
  if (queue.state === "paused") return { state: "held", word: say("paused"), icon: "player-pause" };
  if (queue.state === "draining") return { state: "near", word: say("draining"), icon: "door-exit" };
  return { state: "good", word: say("open"), icon: "check" };
}

export const callerName = (contact: Pick<Contact, "caller">): string => contact.caller ?? common("unknown_caller");
