// What a visitor hears while waiting: four slow chords, made here. Soft, without a beat, and silent at a touch.

const CHORDS = [
  [220, 277.18, 329.63, 415.3],
  [196, 246.94, 293.66, 369.99],
  [174.61, 220, 261.63, 349.23],
  [196, 246.94, 293.66, 392],
] as const;
const BAR_S = 4.8;
const LOUD = 0.05;

export class Music {
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private bar = 0;

  /** Must be called from a click or a key the first time. */
  play(): void {
    this.context ??= new AudioContext();
    void this.context.resume();
    clearTimeout(this.timer);
    this.next();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    void this.context?.close();
    this.context = null;
  }

  private next(): void {
    const context = this.context;
    if (!context) return;
    const chord = CHORDS[this.bar % CHORDS.length] ?? CHORDS[0];
    this.bar += 1;
    chord.forEach((hertz, index) => this.note(context, hertz, context.currentTime + index * 0.55));
    this.timer = setTimeout(() => this.next(), BAR_S * 1_000);
  }

  private note(context: AudioContext, hertz: number, at: number): void {
    const tone = new OscillatorNode(context, { type: "triangle", frequency: hertz });
    const loud = new GainNode(context, { gain: 0 });
    loud.gain.setValueAtTime(0, at);
    loud.gain.linearRampToValueAtTime(LOUD, at + 0.5);
    loud.gain.exponentialRampToValueAtTime(0.0005, at + BAR_S);
    tone.connect(loud).connect(context.destination);
    tone.start(at);
    tone.stop(at + BAR_S + 0.1);
  }
}
