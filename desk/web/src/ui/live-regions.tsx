import { assertive, polite } from "../lib/announce";

/** Where announcements are read from. Once on each page, and never taken away. */
export function LiveRegions() {
  return (
    <>
      <div class="unseen" role="status" aria-live="polite" data-region="polite">{polite}</div>
      <div class="unseen" role="alert" aria-live="assertive" data-region="assertive">{assertive}</div>
    </>
  );
}
