import { type Span, blocks } from "../lib/markdown";

/** An article as text nodes and a handful of elements. */
export function Prose({ text }: { readonly text: string }) {
  return (
    <div class="prose">
      {blocks(text).map((block, n) => {
        if ("spans" in block) {
          return block.kind === "heading" ? <h3 key={n}><Spans of={block.spans} /></h3> : <p key={n}><Spans of={block.spans} /></p>;
        }
        const items = block.items.map((item, at) => <li key={at}><Spans of={item} /></li>);
        return block.kind === "bullets" ? <ul key={n}>{items}</ul> : <ol key={n}>{items}</ol>;
      })}
    </div>
  );
}

function Spans({ of }: { readonly of: readonly Span[] }) {
  return (
    <>
      {of.map((span, n) => {
        if (span.kind === "strong") return <strong key={n}>{span.text}</strong>;
        if (span.kind === "em") return <em key={n}>{span.text}</em>;
        if (span.kind === "link") return <a key={n} href={span.href} target="_blank" rel="noopener noreferrer">{span.text}</a>;
        return span.text;
      })}
    </>
  );
}
