/** References to the rows of a named space of the config: an encoding, or an embedding. */
import { embedding } from '../data/kinds/embedding.ts';
import { matrix } from '../data/kinds/matrix.ts';
import type { EmbeddingInput, MatrixInput } from '../data/kinds/types.ts';
import { type ArtifactRef, from } from '../flow/stage.ts';

/** Reference to the rows of an encoding (a matrix) or of an embedding. */
export type SpaceRef = ArtifactRef<MatrixInput | EmbeddingInput>;

/** Part of the config that distinguishes encodings from embeddings; no name is both. */
export interface Spaces {
  readonly embeddings: Readonly<Record<string, unknown>>;
}

/** Whether a name is that of an embedding. Names such as `constructor` are not special. */
export const isEmbedding = ({ embeddings }: Spaces, name: string): boolean => Object.hasOwn(embeddings, name);

/** Returns the reference to the rows of the encoding or embedding `of`. */
export function spaceRef(config: Spaces, of: string): SpaceRef {
  const ref = isEmbedding(config, of) ? `embed[${of}].embedding` : `encode[${of}].encoded`;
  return from(ref, matrix(), embedding());
}
