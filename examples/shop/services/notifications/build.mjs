/**
 * Makes node_modules hold exactly what package-lock.json pins, and dist what src compiles to; does nothing
 * where they do already.
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

process.chdir(dirname(fileURLToPath(import.meta.url)));

// Packages may bring compiled parts, so that the platform matters too.
const platform = `${process.version} ${process.platform} ${process.arch}`;
const packages = fingerprint(["package-lock.json", ".npmrc"], platform);
bringUpToDate("node_modules/.installed", packages, () => {
  run("npm", "ci", "--no-audit", "--prefer-offline", "--loglevel=error");
});

const sources = fingerprint(["tsconfig.json", ...filesIn("src")], packages);
bringUpToDate("dist/.compiled", sources, () => {
  // From scratch: what a removed source compiled to must not stay.
  rmSync("dist", { recursive: true, force: true });
  run(process.execPath, "node_modules/typescript/bin/tsc");
});

/** The stamp is written last: what was interrupted has none. */
function bringUpToDate(stamp, wanted, make) {
  if (readIfThere(stamp) === wanted) return;
  make();
  writeFileSync(stamp, wanted);
}

function fingerprint(files, ...more) {
  const hash = createHash("sha256").update(JSON.stringify(more));
  for (const file of files) hash.update(JSON.stringify([file, readFileSync(file, "utf8")]));
  return hash.digest("hex");
}

function filesIn(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { stdio: "inherit" });
  if (status === 0) return;
  console.error(`${command} ${args.join(" ")}: ${error?.message ?? `ended with ${status}`}`);
  process.exit(1);
}
