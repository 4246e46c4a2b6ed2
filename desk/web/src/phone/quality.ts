// How the line sounds, in one of three words and a cause, from the browser's counters. Pure.

export type Quality = "good" | "fair" | "bad";
/** Which side the trouble is on, as far as can be told from here. */
export type Cause = "here" | "there" | null;

export interface Judgement {
  readonly quality: Quality;
  readonly cause: Cause;
}

/** Counters at a moment; they only grow, except the last three. */
export interface Sample {
  readonly at: number;
  readonly received: number;
  readonly lost: number;
  readonly samples: number;
  readonly concealed: number;
  readonly sent: number;
  /** Share of what we sent that did not arrive, 0 to 1, as the other side reports. */
  readonly sentLost: number | null;
  readonly roundTripMs: number | null;
  readonly jitterMs: number | null;
}

const FAIR = { loss: 0.02, concealed: 0.03, roundTripMs: 300, jitterMs: 40 };
const BAD = { loss: 0.08, concealed: 0.1, roundTripMs: 700, jitterMs: 100 };

/** Judge the time between two samples; null while nothing came and nothing was to come. */
export function judge(before: Sample, after: Sample): Judgement | null {
  const received = after.received - before.received;
  const lost = Math.max(0, after.lost - before.lost);
  const samples = after.samples - before.samples;
  if (received + lost <= 0) return after.at - before.at >= 1_500 ? { quality: "bad", cause: "here" } : null;
  const inward = lost / (received + lost);
  const concealed = samples > 0 ? Math.max(0, after.concealed - before.concealed) / samples : 0;
  const outward = after.sentLost ?? 0;
  const roundTripMs = after.roundTripMs ?? 0;
  const jitterMs = after.jitterMs ?? 0;
  const worse = (limit: typeof FAIR): boolean =>
    Math.max(inward, outward) > limit.loss || concealed > limit.concealed ||
    roundTripMs > limit.roundTripMs || jitterMs > limit.jitterMs;
  if (!worse(FAIR)) return { quality: "good", cause: null };
  // What goes wrong both ways, or already on the way to the server, is this end's network.
  const here = outward > FAIR.loss || roundTripMs > FAIR.roundTripMs;
  return { quality: worse(BAD) ? "bad" : "fair", cause: here ? "here" : "there" };
}

/** Read the counters of a connection. */
export async function sample(connection: RTCPeerConnection, at: number): Promise<Sample> {
  const totals = {
    at, received: 0, lost: 0, samples: 0, concealed: 0, sent: 0,
    sentLost: null as number | null, roundTripMs: null as number | null, jitterMs: null as number | null,
  };
  for (const raw of (await connection.getStats()).values()) {
    const report = raw as Record<string, number | string | undefined>;
    const value = (name: string): number => Number(report[name] ?? 0);
    if (report["kind"] !== "audio") continue;
    if (report["type"] === "inbound-rtp") {
      totals.received += value("packetsReceived");
      totals.lost += value("packetsLost");
      totals.samples += value("totalSamplesReceived");
      totals.concealed += value("concealedSamples") - value("silentConcealedSamples");
      totals.jitterMs = value("jitter") * 1000;
    } else if (report["type"] === "outbound-rtp") {
      totals.sent += value("packetsSent");
    } else if (report["type"] === "remote-inbound-rtp") {
      totals.sentLost = value("fractionLost");
      if (report["roundTripTime"] !== undefined) totals.roundTripMs = value("roundTripTime") * 1000;
    }
  }
  return totals;
}
