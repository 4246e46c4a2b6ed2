const LONG = 140;

/** What an agent wrote: text, whatever it looks like. A long one is unfolded by the person. */
export function NoteText({ text }: { readonly text: string }) {
  if (!text) return null;
  if (text.length <= LONG) return <p class="small written"><bdi>{text}</bdi></p>;
  return (
    <details class="small written">
      <summary><bdi class="clamp">{text.slice(0, LONG)}</bdi></summary>
      <bdi>{text}</bdi>
    </details>
  );
}
