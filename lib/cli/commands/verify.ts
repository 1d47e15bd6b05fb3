/** `verify`: rehashes the store; with `--recompute`, makes targets again and compares. */
import { availableParallelism } from 'node:os';
import { type ErrorInfo, EXIT, never } from '../../errors.ts';
import { type Damage, type Recomputation, type Verification, verify } from '../../flow/index.ts';
import type { App } from '../app.ts';
import type { VerifyOptions } from '../options/options.ts';
import { note, out } from '../output/ui.ts';
import { bytes, count } from '../output/units.ts';
import { tellHashing } from '../render/hashing.ts';
import { type Interrupts, listenForInterrupts } from '../session/interrupt.ts';
import { openExistingStore, openSession } from '../session/session.ts';

export async function verifyStore(app: App, options: VerifyOptions): Promise<number> {
  const store = await openExistingStore(options);
  const result = await verify(store, {
    dryRun: options.dryRun,
    onProgress: tellProgress(options),
    ...tellHashing(options),
  });
  if (!options.json) tellDamage(result, options);
  const interrupts = listenForInterrupts();
  let again: (Recomputation & { seed: number }) | undefined;
  try {
    if (options.recompute !== undefined) again = await makeAgain(app, options, interrupts);
  } catch (error) {
    if ((error as ErrorInfo).kind !== 'interrupted') throw error;
    note('Stopped. Nothing in the store has changed.');
    return interrupts.exitCode();
  } finally {
    interrupts.stopListening();
  }
  if (options.json) out(JSON.stringify({ ...result, recomputed: again }, null, 2));
  else if (again !== undefined) tellDifferences(again);
  const isRight =
    result.damage.length === 0 &&
    (again === undefined ||
      [again.differences, again.failed, again.notCompared].every((problems) => problems.length === 0));
  return isRight ? EXIT.done : EXIT.verificationFailed;
}

const PROGRESS_MS = 5000;

/** Progress in a line every five seconds: a large store takes minutes. */
function tellProgress({ quiet }: VerifyOptions): ((done: number, total: number) => void) | undefined {
  if (quiet) return undefined;
  let nextMs = performance.now() + PROGRESS_MS;
  return (done, total) => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + PROGRESS_MS;
    note(`  verified ${done} of ${count(total, 'object')}`);
  };
}

function tellDamage(result: Verification, { dryRun }: VerifyOptions): void {
  const { damage } = result;
  for (const item of damage) out(describe(item));
  const what = `${count(result.objects, 'object')} (${bytes(result.bytes)}) and ${count(result.records, 'record')}`;
  if (damage.length === 0) out(`${what}: all as they should be.`);
  else if (dryRun) out(`${what}: ${count(damage.length, 'problem')}. Nothing was moved.`);
  else {
    const kinds = new Set(damage.map(({ kind }) => kind));
    const isMoved = ['object', 'record', 'manifest', 'missing'].some((kind) =>
      kinds.has(kind as Damage['kind']),
    );
    const then = [
      isMoved ? ' What is damaged was moved to quarantine/; the next run makes it again.' : '',
      kinds.has('closed') ? ' What may not be read was not looked at, and stays where it is.' : '',
    ];
    out(`${what}: ${count(damage.length, 'problem')}.${then.join('')}`);
  }
}

function describe(damage: Damage): string {
  switch (damage.kind) {
    case 'object':
      return `damaged  ${damage.hash}  ${damage.detail}${usedBy(damage.usedBy)}`;
    case 'missing':
      return `missing  ${damage.hash}${usedBy(damage.usedBy)}`;
    case 'permissions':
      return `wrong    ${damage.hash}  ${damage.detail}${usedBy(damage.usedBy)}`;
    case 'closed':
      return `closed   ${damage.file}  ${damage.detail}`;
    case 'copy':
      return `differs  ${damage.file}  ${damage.detail}${damage.aside === undefined ? '' : `; moved to ${damage.aside}`}`;
    case 'record':
    case 'manifest':
      return `damaged  ${damage.file}  ${damage.detail}`;
    default:
      return never(damage);
  }
}

function usedBy(targets: readonly string[]): string {
  return targets.length === 0 ? '' : `  (of ${targets.join(', ')})`;
}

/** Makes targets again and compares them; `--recompute` alone means all. */
async function makeAgain(
  app: App,
  options: VerifyOptions,
  { drain, kill }: Interrupts,
): Promise<Recomputation & { seed: number }> {
  const { recompute } = await import('../../flow/maintenance/recompute.ts');
  const { firstDifference } = await import('../../data/results/difference.ts');
  const { graph, store } = await openSession(app, options);
  const fraction = typeof options.recompute === 'number' ? options.recompute : 1;
  const seed = options.seed ?? Math.floor(Math.random() * 2 ** 32);
  if (fraction < 1 && !options.quiet) note(`targets drawn with --seed ${seed}`);
  const again = await recompute(graph, store, {
    fraction,
    seed,
    workers: options.workers ?? availableParallelism(),
    compare: firstDifference,
    drain,
    kill,
    onTarget: (target, done, total) => {
      if (!options.quiet && !options.json) note(`makes ${target} again (${done + 1} of ${total})`);
    },
  });
  return { ...again, seed };
}

function tellDifferences({ made, notThere, notCompared, failed, differences }: Recomputation): void {
  for (const { output, file, detail } of differences) {
    out(`differs  ${output}${file === undefined ? '' : ` (${file})`}  ${detail}`);
  }
  for (const { target, error } of failed) out(`failed   ${target}  ${error.message}`);
  for (const { target, why } of notCompared) out(`not compared  ${target}  ${why}`);
  const wrong = new Set([...differences, ...failed].map(({ target }) => target));
  const missed = new Set(notCompared.map(({ target }) => target));
  const compared = made.filter((target) => !missed.has(target));
  if (wrong.size === 0 && missed.size === 0) {
    const others =
      notThere.length === 0 ? '' : ` ${count(notThere.length, 'target')} not up to date, not drawn.`;
    out(`${count(made.length, 'target')} made again: the same bytes.${others}`);
    return;
  }
  const right = compared.filter((target) => !wrong.has(target)).length;
  const parts = [
    `${right} as stored`,
    ...(wrong.size === 0 ? [] : [`${wrong.size} otherwise`]),
    ...(missed.size === 0 ? [] : [`${missed.size} not compared`]),
  ];
  out(`${count(compared.length + missed.size, 'target')}: ${parts.join(', ')}.`);
}
