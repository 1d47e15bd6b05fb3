/**
 * Embedding methods by name. A new method needs a file in this folder and a line in `methods.ts`. Nothing here may change
 * a result: this file is no part of the identity of an embedding (see `registryModule`).
 */
import { z } from 'zod';
import type { NeighborRequest } from '../neighbors/requests.ts';
import type { AnyEmbeddingMethod } from './method.ts';
import * as listed from './methods.ts';

type Method = (typeof listed)[keyof typeof listed];

const methods: readonly Method[] = Object.values(listed);
const byName = new Map<string, AnyEmbeddingMethod>(methods.map((method) => [method.method, method]));

/** URL of this file, for `apart` of a stage that names the code of its instances by `module` of their methods. */
export const registryModule = import.meta.url;

const [first, ...others] = methods.map(({ schema }): Method['schema'] => schema);

/** Schema of one embedding in the config: its method and the options of that method. */
export const embeddingSchema = z.discriminatedUnion('method', [first, ...others]);

export type EmbeddingOptions = z.output<typeof embeddingSchema>;

/** Returns the method with a name, which the schema has accepted. */
export function methodOf(name: string): AnyEmbeddingMethod {
  const method = byName.get(name);
  if (method === undefined) throw new Error(`Internal error: no embedding method "${name}"`);
  return method;
}

/** Returns the requests for the neighbours that the embeddings start from. */
export function neighborRequests({
  embeddings,
}: {
  readonly embeddings: Readonly<Record<string, { readonly method: string }>>;
}): NeighborRequest[] {
  return Object.values(embeddings).flatMap((options) => methodOf(options.method).neighbors?.(options) ?? []);
}
