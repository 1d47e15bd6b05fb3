/** Checks of the config key `embeddings` beyond its schema. */
import type { ConfigProblem } from '../flow/stage.ts';
import { methodOf } from './index.ts';
import type { MethodConfig } from './method.ts';

/**
 * Returns the problems of embeddings: names in `of` that are unknown, refer to the embedding itself or form a circle; names
 * that an encoding also has; and options that the methods refuse.
 */
export function checkEmbeddings(config: MethodConfig): ConfigProblem[] {
  const { encodings, embeddings } = config;
  const problems: ConfigProblem[] = [];
  for (const [name, options] of Object.entries(embeddings)) {
    if (Object.hasOwn(encodings, name)) {
      problems.push({
        path: ['embeddings', name],
        message: `"${name}" is the name of an encoding too; "of" could mean either`,
      });
    }
    for (const { option, message } of methodOf(options.method).check?.(options, config) ?? []) {
      problems.push({ path: ['embeddings', name, option], message });
    }
    if (options.of !== undefined) problems.push(...checkOf(name, options.of, config));
  }
  return problems;
}

/** Checks the space that an embedding is computed from: it must exist, and not depend on this embedding. */
function checkOf(name: string, of: string, { encodings, embeddings }: MethodConfig): ConfigProblem[] {
  const path = ['embeddings', name, 'of'];
  if (of === name && !Object.hasOwn(encodings, of)) {
    return [{ path, message: 'an embedding cannot be made of itself' }];
  }
  if (!Object.hasOwn(encodings, of) && !Object.hasOwn(embeddings, of)) {
    const known = [...Object.keys(encodings), ...Object.keys(embeddings)].filter((other) => other !== name);
    return [{ path, message: `unknown encoding or embedding "${of}"`, known }];
  }
  const circle = circleFrom(name, embeddings);
  if (circle === undefined) return [];
  return [{ path, message: `these embeddings are made of each other: ${circle.join(' → ')}` }];
}

/** Returns the embeddings from `name` along `of` back to `name`; undefined if there is no such circle. */
function circleFrom(name: string, embeddings: MethodConfig['embeddings']): string[] | undefined {
  const steps = [name];
  for (let i = 0; i < Object.keys(embeddings).length; i++) {
    const { of } = embeddings[steps[steps.length - 1]] ?? {};
    if (of === undefined) return undefined;
    steps.push(of);
    if (of === name) return steps;
  }
  return undefined;
}
