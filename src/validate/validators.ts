import { Ajv2020, type ErrorObject, type Options } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { common, type SchemaName, schemas } from "./schemas.ts";

/** Does a value fit a schema? */
export interface Validator {
  (value: unknown): boolean;
  /** What the last value broke. */
  errors?: ErrorObject[] | null;
}

let ajv: Ajv2020 | undefined;
const validators = new Map<SchemaName, Validator>();

/**
 * The published schema of this name as a function. Compiling them takes a tenth of a second in each thread: the published
 * package has this file with functions that are compiled already.
 */
export function validatorOf(name: SchemaName): Validator {
  const known = validators.get(name);
  if (known) return known;
  const validate = (ajv ??= schemaCompiler()).getSchema(schemas[name].$id);
  if (!validate) throw new TypeError(`no schema ${name}`);
  validators.set(name, validate);
  return validate;
}

/** @param code - how it writes what it compiles */
export function schemaCompiler(code: Options["code"] = {}): Ajv2020 {
  // That the schemas are valid themselves does not change.
  const strictness = { strict: true, strictRequired: false, meta: false, validateSchema: false } as const;
  const compiler = new Ajv2020({ allErrors: true, ...strictness, code });
  addFormats.default(compiler);
  return compiler.addSchema([common, ...Object.values(schemas)]);
}
