/** Subjects that are compared with the reference, from the config only, so that stages agree on names, roles and views. */
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

/** Options of the config key `fidelity`. */
export interface FidelityOptions {
  readonly reference: string | null;
  readonly metrics: readonly Metric[];
  readonly referenceMetric: Metric;
  readonly neighbors: readonly number[];
  readonly bootstrap: number;
  readonly seeds: number;
  readonly controls: readonly Control[];
}

export interface FidelityConfig {
  readonly fidelity: FidelityOptions | null;
  readonly encodings: Readonly<Record<string, EncodingOptions>>;
  readonly embeddings: Readonly<Record<string, Layout>>;
}

/** Options that determine whether an embedding is a layout of the reference. */
interface Layout {
  readonly method: string;
  readonly of?: string;
  readonly engine?: string;
  readonly fitCells?: number | null;
}

export interface Subject {
  /** Instance in the target `fidelity[instance]`. */
  readonly instance: string;
  /** Name in tables. */
  readonly name: string;
  readonly role: Role;
  /** Control; null for an encoding. */
  readonly control: Control | null;
  readonly halves: boolean;
  readonly views: readonly View[];
}

/** Returns the encoding that all subjects are compared with; undefined if there is none. */
export function referenceOf({ fidelity, encodings }: FidelityConfig): string | undefined {
  const names = Object.keys(encodings);
  if (fidelity === null) return undefined;
  return fidelity.reference ?? names.find((name) => encodings[name].kind === 'lognorm') ?? names[0];
}

/** Returns the metrics in their order, including the reference's own. */
function metricsOf({ metrics, referenceMetric }: FidelityOptions): Metric[] {
  return [...new Set([...metrics, referenceMetric])];
}

/**
 * Returns the reference, then the encodings in their order, then ceilings and floors; none if fidelity is switched off.
 */
export function subjectsOf(config: FidelityConfig): Subject[] {
  const { fidelity, encodings } = config;
  const reference = referenceOf(config);
  if (fidelity === null || reference === undefined || !Object.hasOwn(encodings, reference)) return [];
  const others = Object.keys(encodings).filter((name) => name !== reference);
  const asEncoding = (name: string, role: Role): Subject => ({
    instance: name,
    name,
    role,
    control: null,
    halves: false,
    views: encodingViews(
      metricsOf(fidelity),
      fidelity.referenceMetric,
      drawsRandom(encodings[name]) ? fidelity.seeds : 1,
    ),
  });
  const controls = [...CEILINGS, ...FLOORS].filter(
    (control) =>
      fidelity.controls.includes(control) && (control !== 'second-layout' || layoutOf(config) !== undefined),
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
        views: controlViews(control, fidelity.referenceMetric, fidelity.seeds),
      };
    }),
  ];
}

/** Returns the first UMAP layout of the reference that is of all cells and by the engine of the second layout. */
export function layoutOf(config: FidelityConfig): string | undefined {
  const reference = referenceOf(config);
  return Object.keys(config.embeddings).find((name) => {
    const { method, of, engine, fitCells } = config.embeddings[name];
    return fitCells == null && method === 'umap' && of === reference && engine === 'rankloom';
  });
}
