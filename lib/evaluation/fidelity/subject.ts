/** Who is compared: from the config alone, so that stages agree on names, roles and views. */
import { drawsRandom, type EncodingOptions } from '../../encodings/index.ts';
import type { Metric } from '../../pairwise/spaces/metric.ts';
import {
  CEILINGS,
  type Control,
  controlViews,
  encodingViews,
  FLOORS,
  hasHalves,
  isCeiling,
  type Role,
  type View,
} from './view.ts';

/** Options of the config key `comparison`. */
export interface ComparisonOptions {
  readonly reference: string | null;
  readonly metrics: readonly Metric[];
  readonly referenceMetric: Metric;
  readonly neighbors: readonly number[];
  readonly bootstrap: number;
  readonly seeds: number;
  readonly controls: readonly Control[];
}

export interface ComparisonConfig {
  readonly comparison: ComparisonOptions | null;
  readonly encodings: Readonly<Record<string, EncodingOptions>>;
  readonly embeddings: Readonly<Record<string, Layout>>;
}

/** What tells whether an embedding is a layout of the reference. */
interface Layout {
  readonly method: string;
  readonly of?: string;
  readonly engine?: string;
  readonly fitCells?: number | null;
}

export interface Subject {
  /** Of the target `compare[instance]`. */
  readonly instance: string;
  /** As tables say it. */
  readonly name: string;
  readonly role: Role;
  /** Null for an encoding. */
  readonly control: Control | null;
  readonly halves: boolean;
  readonly views: readonly View[];
}

/** The encoding that all are held against; undefined if there is none. */
export function referenceOf({ comparison, encodings }: ComparisonConfig): string | undefined {
  const names = Object.keys(encodings);
  if (comparison === null) return undefined;
  return comparison.reference ?? names.find((name) => encodings[name].kind === 'lognorm') ?? names[0];
}

/** Metrics in their order, the reference's own among them. */
export function metricsOf({ metrics, referenceMetric }: ComparisonOptions): Metric[] {
  return [...new Set([...metrics, referenceMetric])];
}

/** The reference first, then the encodings in their order, then ceilings and floors; none if nothing is compared. */
export function subjectsOf(config: ComparisonConfig): Subject[] {
  const { comparison, encodings } = config;
  const reference = referenceOf(config);
  if (comparison === null || reference === undefined || !Object.hasOwn(encodings, reference)) return [];
  const others = Object.keys(encodings).filter((name) => name !== reference);
  const asEncoding = (name: string, role: Role): Subject => ({
    instance: name,
    name,
    role,
    control: null,
    halves: false,
    views: encodingViews(
      metricsOf(comparison),
      comparison.referenceMetric,
      drawsRandom(encodings[name]) ? comparison.seeds : 1,
    ),
  });
  const controls = [...CEILINGS, ...FLOORS].filter(
    (control) =>
      comparison.controls.includes(control) &&
      (control !== 'second-layout' || layoutOf(config) !== undefined),
  );
  return [
    asEncoding(reference, 'reference'),
    ...others.map((name) => asEncoding(name, 'encoding')),
    ...controls.map((control): Subject => {
      const role = isCeiling(control) ? 'ceiling' : 'floor';
      return {
        // No encoding has a colon in its name.
        instance: `${role}:${control}`,
        name: control,
        role,
        control,
        halves: hasHalves(control),
        views: controlViews(control, comparison.referenceMetric, comparison.seeds),
      };
    }),
  ];
}

/** The first UMAP layout of the reference, of all cells, by the engine that makes the second one. */
export function layoutOf(config: ComparisonConfig): string | undefined {
  const reference = referenceOf(config);
  return Object.keys(config.embeddings).find((name) => {
    const { method, of, engine, fitCells } = config.embeddings[name];
    return fitCells == null && method === 'umap' && of === reference && engine === 'rankloom';
  });
}
