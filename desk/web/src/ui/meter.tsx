interface MeterProps {
  readonly value: number;
  /** A part on top of the value that is only promised. */
  readonly reserved?: number;
  readonly target?: number;
  readonly max?: number;
  /** What it says, in words. */
  readonly text: string;
  readonly label: string;
  readonly level?: boolean;
}

/** A share of a whole: load, service level, loudness. */
export function Meter({ value, reserved = 0, target, max = 100, text, label, level }: MeterProps) {
  const share = (part: number): string => `${Math.max(0, Math.min(100, (100 * part) / max))}%`;
  return (
    <div
      class={`meter${level ? " level" : ""}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={Math.round(value)}
      aria-valuetext={text}
    >
      <span class="filled" style={{ width: share(value) }} />
      <span class="reserved" style={{ width: share(reserved) }} />
      {target !== undefined && <span class="target" style={{ left: share(target) }} />}
    </div>
  );
}
