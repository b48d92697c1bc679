import { Ajv2020 } from 'ajv/dist/2020.js';
// With every route, so with every schema that the document names.
import '../../../src/http/routes.ts';
import { createOpenApiDocument } from '../../../src/http/api/open-api-document.ts';

const document = createOpenApiDocument('1.2.3', []);
// The document as a whole is no JSON Schema: what is around its schemas is not judged here.
const ajv = new Ajv2020({ allErrors: true, strict: false });
ajv.addSchema(document, 'document');

/** What breaks a schema of the document, in words; empty where nothing does. */
export function faultsBy(schema: string, value: unknown): string[] {
  const validate = ajv.getSchema(`document#/components/schemas/${schema}`);
  if (validate === undefined) throw new Error(`the document has no schema ${schema}`);
  if (validate(value) === true) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}
