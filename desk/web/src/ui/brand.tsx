/** The name with its mark: two ends put through. */
export function Brand() {
  return (
    <span class="brand">
      <span class="mark" aria-hidden="true" />
      Sambung
    </span>
  );
}
