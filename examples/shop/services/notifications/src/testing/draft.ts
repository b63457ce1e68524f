/** A body of POST; parts of it may be others. */
export function draft(parts: Record<string, unknown> = {}): string {
  return JSON.stringify({ order: "a1", recipient: "ada@example.com", text: "It is on its way.", ...parts });
}
