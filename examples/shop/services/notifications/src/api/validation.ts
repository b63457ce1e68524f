/** How requests are held against the schemas of routes, and how what is wrong with them is told. */

import type { FastifyServerOptions } from "fastify";
import type { WrongValue } from "./problem.js";

export const validationOptions = {
  ajv: {
    customOptions: {
      allErrors: true,
      verbose: true, // errors bring their schema
      strictNumbers: false, // 1e400 is out of range, rather than no integer
      // A request is taken as it is, or refused.
      coerceTypes: false,
      removeAdditional: false,
      useDefaults: false,
    },
  },
} satisfies FastifyServerOptions;

/** An error of Ajv. */
interface SchemaError {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: { readonly type?: string; missingProperty?: string; additionalProperty?: string };
  readonly message?: string;
  readonly parentSchema?: {
    readonly description?: string;
    readonly minLength?: number;
    readonly maxLength?: number;
    readonly minimum?: number;
    readonly maximum?: number;
  };
}

/** What is wrong with a body: one entry a value, first those that the schema knows. */
export function wrongInBody(errors: readonly SchemaError[]): WrongValue[] {
  const byPlace = new Map<string, WrongValue>();
  for (const error of errors) {
    const pointer = pointerOf(error);
    const place = (error.keyword === "additionalProperties" ? "unknown " : "known ") + pointer;
    // The body itself has no name.
    const wrong = { ...(pointer && { pointer }), detail: detailOf(error) };
    if (!byPlace.has(place)) byPlace.set(place, wrong);
  }
  return [...byPlace].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, wrong]) => wrong);
}

/** What is wrong with a query. */
export function wrongInQuery(errors: readonly SchemaError[]): WrongValue[] {
  return errors.map((error) => ({ parameter: pointerOf(error).slice(1), detail: detailOf(error) }));
}

/** A JSON Pointer (RFC 6901); Ajv names the object where a property is missing or too many. */
function pointerOf({ instancePath, params }: SchemaError): string {
  const property = params.missingProperty ?? params.additionalProperty;
  if (property === undefined) return instancePath;
  return `${instancePath}/${property.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** A schema's description, if it has one, says what is allowed better than its keywords do. */
function detailOf({ keyword, params, parentSchema = {}, message = "is not allowed" }: SchemaError): string {
  if (keyword === "required") return "is required";
  if (keyword === "additionalProperties") return "is not a known field";
  const { description, minLength, maxLength, minimum, maximum } = parentSchema;
  if (description !== undefined) return description;
  switch (keyword) {
    case "type":
      return `must be ${params.type === "string" ? "a" : "an"} ${params.type}`;
    case "minLength":
    case "maxLength":
      return `must have ${minLength} to ${maxLength} characters`;
    case "minimum":
    case "maximum":
      return `must be from ${minimum} to ${maximum}`;
    default:
      return message;
  }
}
