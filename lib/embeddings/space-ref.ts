/** Where the rows are that a name of the config stands for: an encoding, or an embedding of one. */
import { embedding } from '../data/kinds/embedding.ts';
import { matrix } from '../data/kinds/matrix.ts';
import type { EmbeddingInput, MatrixInput } from '../data/kinds/types.ts';
import { type ArtifactRef, from } from '../flow/stage.ts';

/** Rows of an encoding (a matrix) or of an embedding. */
export type SpaceRef = ArtifactRef<MatrixInput | EmbeddingInput>;

/** What of the config tells encodings and embeddings apart; no name is both. */
export interface Spaces {
  readonly embeddings: Readonly<Record<string, unknown>>;
}

/** Whether a name is one of an embedding. Names such as `constructor` are names like others. */
export const isEmbedding = ({ embeddings }: Spaces, name: string): boolean => Object.hasOwn(embeddings, name);

/** The rows of the encoding or embedding `of`. */
export function spaceRef(config: Spaces, of: string): SpaceRef {
  const ref = isEmbedding(config, of) ? `embed[${of}].embedding` : `encode[${of}].encoded`;
  return from(ref, matrix(), embedding());
}
