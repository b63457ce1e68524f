import { readFileSync } from "node:fs";

/** The description of the HTTP interface, served at /openapi.yaml. It lies beside src and beside dist. */
export const openApiDocument = readFileSync(new URL("../openapi.yaml", import.meta.url));
