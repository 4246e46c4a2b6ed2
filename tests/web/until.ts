/** Wait for a fact. */
export async function until(holds: () => boolean, withinMs = 10_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error("it did not come to be");
    await new Promise((done) => setTimeout(done, 10));
  }
}
