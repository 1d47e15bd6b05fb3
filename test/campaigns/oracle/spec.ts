/**
 * Random projects of toy stages, as data. What a project computes is known without running it: model.ts evaluates
 * the same data in a few lines of its own.
 */
import type { RandomStream } from '../../../lib/flow/index.ts';

export interface StageSpec {
  /** Stages before this one, by number; `all` instances of it, in their order, or just its first. */
  reads: { stage: number; all: boolean }[];
  /** Index of an external file, or null. */
  file: number | null;
  random: boolean;
  parts: boolean;
  /** What the code says: a number that takes part, and one that values are cut to (1 and 3 make wave after wave stop). */
  constant: number;
  modulus: number;
  /** What the code says to people, and a helper that nobody calls. */
  comment: number;
  unused: number;
  /** Instance → its param, in the order of the config. */
  instances: Record<string, number>;
}

export interface Spec {
  stages: StageSpec[];
  /** Name and text of external files. */
  files: { name: string; text: string }[];
  seed: number;
}

export const stageName = (stage: number) => `s${stage}`;

export function randomSpec(random: RandomStream): Spec {
  const files = Array.from({ length: 1 + random.int(2) }, (_, i) => ({
    name: `file${i}.txt`,
    text: String(random.int(9)),
  }));
  const stages = Array.from({ length: 2 + random.int(4) }, (_, i): StageSpec => {
    const reads = Array.from({ length: i === 0 ? 0 : 1 + random.int(Math.min(2, i)) }, () => ({
      stage: random.int(i),
      all: random.int(2) === 0,
    }));
    const names = Array.from({ length: 1 + random.int(3) }, (_, k) => `i${k}`);
    return {
      reads: reads.filter((r, at) => reads.findIndex((o) => o.stage === r.stage) === at),
      file: i === 0 || random.int(4) === 0 ? random.int(files.length) : null,
      random: random.int(3) === 0,
      parts: random.int(3) === 0,
      constant: random.int(100),
      modulus: [1_000_003, 1_000_003, 3, 1][random.int(4)],
      comment: 0,
      unused: 0,
      instances: Object.fromEntries(names.map((name) => [name, random.int(3)])),
    };
  });
  return { stages, files, seed: random.int(3) };
}

/** Changes a project at random. Returns what was done, for the report. */
export function edit(spec: Spec, random: RandomStream, serial: number): string {
  const at = random.int(spec.stages.length);
  const stage = spec.stages[at];
  const names = Object.keys(stage.instances);
  const name = names[random.int(names.length)];
  const file = spec.files[random.int(spec.files.length)];
  switch (random.int(11)) {
    case 0:
    case 1:
      stage.instances[name] = random.int(4);
      return `param of ${stageName(at)}[${name}] = ${stage.instances[name]}`;
    case 2:
      stage.constant = random.int(100);
      return `constant in the code of ${stageName(at)} = ${stage.constant}`;
    case 3:
      stage.comment++;
      return `comment in ${stageName(at)}`;
    case 4:
      stage.unused++;
      return `unused helper in ${stageName(at)}`;
    case 5:
      file.text = String(random.int(9));
      return `${file.name} = ${file.text}`;
    case 6:
      file.text = file.text.includes('.') ? file.text.split('.')[0] : `${file.text}.0`;
      return `${file.name} = ${file.text}, which is the same number`;
    case 7:
      file.name = `file-${serial}.txt`;
      return `a file renamed to ${file.name}`;
    case 8:
      stage.instances = Object.fromEntries(
        Object.entries(stage.instances).map(([n, p]) => [n === name ? `r${serial}` : n, p]),
      );
      return `${stageName(at)}[${name}] renamed to r${serial}`;
    case 9:
      if (names.length > 1) {
        delete stage.instances[name];
        return `${stageName(at)}[${name}] removed`;
      }
      stage.instances[`n${serial}`] = random.int(3);
      return `${stageName(at)}[n${serial}] added`;
    default:
      spec.seed = random.int(3);
      return `seed = ${spec.seed}`;
  }
}
