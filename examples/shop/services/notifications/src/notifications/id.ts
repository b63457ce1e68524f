import { randomBytes } from "node:crypto";

export const ID_PATTERN = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$";

const idPattern = new RegExp(ID_PATTERN);

/**
 * Makes a UUID of version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, then 74 random bits. It cannot
 * be guessed, and ids sort by age, which is the order of lists.
 */
export function newId(now: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Whether the text has the form of an id; what has not needs no look into the store. */
export function isId(text: string): boolean {
  return idPattern.test(text);
}
