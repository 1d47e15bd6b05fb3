/**
 * Embeddings of a study: those of the config, and those that other stages request besides. Not part of a result's code:
 * every request shows in the params and inputs of the stage `embed`, so this module is kept out of that stage's identity
 * (`studyEmbeddingsModule`).
 */
import type { EmbeddingOptions } from '../embeddings/index.ts';
import { secondLayout } from '../evaluation/fidelity/second-layout.ts';
import type { StudyConfig } from './config.ts';

export type EmbeddingsConfig = Pick<StudyConfig, 'dataset' | 'encodings' | 'embeddings'> &
  Partial<Pick<StudyConfig, 'fidelity'>>;

/** URL of this file, for `apart` of a stage. */
export const studyEmbeddingsModule = import.meta.url;

export interface StudyEmbedding {
  readonly options: EmbeddingOptions;
  /** Name of the random streams that the embedding draws from; absent: the stage's own. */
  readonly streams?: string;
}

/** All embeddings by their instance of the stage `embed`: those of the config first, in its order. */
export function embeddingsOf({ fidelity = null, ...config }: EmbeddingsConfig): Map<string, StudyEmbedding> {
  const { embeddings } = config;
  const all = new Map<string, StudyEmbedding>(
    Object.entries(embeddings).map(([name, options]) => [name, { options }]),
  );
  for (const { instance, like, streams } of secondLayout({ ...config, fidelity })) {
    all.set(instance, { options: { ...embeddings[like], companion2d: false } as EmbeddingOptions, streams });
  }
  return all;
}
