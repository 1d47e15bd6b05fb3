import { embedding } from '../data/kinds/embedding.ts';
import { matrix } from '../data/kinds/matrix.ts';
import type { EmbeddingInput, MatrixInput } from '../data/kinds/types.ts';
import { type ArtifactRef, from } from '../flow/stage.ts';
import type { MethodConfig } from './method.ts';

/** The rows of an encoding, or of another embedding. */
export function rowsOf(
  { embeddings }: Pick<MethodConfig, 'embeddings'>,
  of: string,
): ArtifactRef<MatrixInput | EmbeddingInput> {
  const ref = Object.hasOwn(embeddings, of) ? `embed[${of}].embedding` : `encode[${of}].encoded`;
  return from(ref, matrix(), embedding());
}
