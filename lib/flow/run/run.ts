/** Brings targets up to date. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type ErrorInfo, toErrorInfo } from '../../errors.ts';
import { Decider, type Resolved, resolveAll } from '../decide/decide.ts';
import { forecast } from '../decide/forecast.ts';
import { describeCausesFor } from '../decide/words.ts';
import type { FlowEvent, RunOutcome } from '../events.ts';
import { requireFiles } from '../graph/require-files.ts';
import type { Graph, Target } from '../graph/target.ts';
import type { ActionKey } from '../keys/key.ts';
import { Waits } from '../locks/waits.ts';
import { manifestTargets } from '../runs/manifest.ts';
import { mendPublished, writeManifest } from '../runs/publish.ts';
import { requireTakenNames } from '../runs/publish-names.ts';
import { pathsShown, type RunOutputs, showRun } from '../runs/publish-run.ts';
import { requireLinks } from '../runs/published-folder.ts';
import { RunLog } from '../runs/run-log.ts';
import { checkSpace, diskError, freeBytes, removedStore } from '../store/disk-space.ts';
import { requireWritable } from '../store/place.ts';
import { mark, usesLinks } from '../store/recognise.ts';
import type { StoredOutput } from '../store/record.ts';
import { Scratch } from '../store/scratch.ts';
import type { Store } from '../store/store.ts';
import { bytesOf } from '../store/work.ts';
import { inUnits } from '../text/byte-units.ts';
import { type Pool, WorkerPool } from '../workers/pool.ts';
import { ProcessPool } from '../workers/process-pool.ts';
import { Sharing } from '../workers/shared-values.ts';
import { Drained } from './attempt.ts';
import { type Departed, departedWords, endChildrenOf } from './departed.ts';
import { executeTarget } from './execute.ts';
import type { Done, Execution } from './execution.ts';
import { defaultBudget } from './memory.ts';
import { Memory, PROCESS_BYTES } from './needs.ts';
import { estimatePriorities } from './priorities.ts';
import type { RunOptions, RunResult } from './run-options.ts';
import { Slots } from './slots.ts';

/** Of a stage, so many are asked for what they took before. */
const MOST_INSTANCES = 16;

/** Brings targets of a graph up to date, and publishes what is. A failure of a stage is part of the result and not thrown. Throws data errors for files that are not there, store errors for a store that cannot be used or has no room, and a locked error where another process does not let go. */
export async function run(graph: Graph, store: Store, options: RunOptions): Promise<RunResult> {
  const id = runId();
  const waits = new Waits(options.onEvent);
  const { drain: signal } = options;
  let isOpen = false;
  const go = (departed: readonly Departed[]) => {
    isOpen = true;
    return new Run(id, graph, store, options, waits).go(departed);
  };
  try {
    return await store.use(go, {
      signal,
      onWait: (...wait) => waits.tell('the store', undefined, ...wait),
      run: id,
    });
  } catch (error) {
    throw (isOpen ? removedStore(store.dir, error) : undefined) ?? error;
  }
}

class Run {
  readonly #graph: Graph;
  readonly #store: Store;
  readonly #options: RunOptions;
  readonly #selected: ReadonlySet<string>;
  readonly #decider: Decider;
  readonly #resolved = new Map<string, Resolved>();
  readonly #stop = new AbortController();
  readonly #pool: Pool;
  readonly #scratch: Scratch;
  readonly #start = performance.now();
  readonly #startedAt = Date.now();
  readonly #id: string;
  readonly #waits: Waits;
  readonly #log: RunLog;
  readonly #failed: { target: string; error: ErrorInfo }[] = [];
  readonly #blocked: string[] = [];
  readonly #ran = new Map<string, Done>();
  #cached = 0;
  #drained = false;
  #running = 0;
  /** Asked once, when the first target is to run. */
  #room: Promise<void> | undefined;
  #estimated: ReadonlyMap<string, number> | undefined;

  constructor(id: string, graph: Graph, store: Store, options: RunOptions, waits: Waits) {
    this.#id = id;
    this.#waits = waits;
    this.#graph = graph;
    this.#store = store;
    this.#options = options;
    this.#selected = options.targets ?? new Set(graph.targets.keys());
    this.#decider = new Decider(graph, store, options.force, options.study, {
      signal: options.drain,
      kill: options.kill,
      onHashing: (path, done, total) => this.#emit({ type: 'hashing', path, done, total }),
    });
    this.#log = new RunLog(join(store.dir, 'runs', this.#id));
    this.#scratch = new Scratch(store);
    this.#pool = options.hermetic
      ? new ProcessPool()
      : new WorkerPool(options.workers, options.limits?.memoryBytes);
  }

  async go(departed: readonly Departed[]): Promise<RunResult> {
    const { workers, drain, kill } = this.#options;
    const { slots, memory } = this.#admission();
    const onInterrupt = () => {
      if (!kill?.aborted) this.#emit({ type: 'draining', running: this.#running });
      this.#stop.abort();
    };
    const onKill = () => {
      const by = typeof kill?.reason === 'string' ? kill.reason : undefined;
      this.#emit({ type: 'ending', running: this.#running, by });
      this.#stop.abort();
    };
    drain?.addEventListener('abort', onInterrupt, { once: true });
    kill?.addEventListener('abort', onKill, { once: true });
    this.#emit({ type: 'run-started', run: this.#id, targets: [...this.#selected], workers });
    for (const one of departed) {
      const children = await endChildrenOf(one);
      this.#emit({ type: 'warning', message: departedWords(this.#store, one, children) });
    }
    try {
      if (this.#options.links === false && usesLinks(this.#store.dir))
        mark(this.#store.dir, { links: false });
      await this.#decider.prepare(new Set(this.#graph.targets.keys()));
      for (const message of await mendPublished(this.#store, pathsShown(this.#store.dir, this.#options.id)))
        this.#emit({ type: 'warning', message });
      this.#decider.save(); // before any record names this code, so that it can be shown later
      const execution: Execution = {
        graph: this.#graph,
        store: this.#store,
        pool: this.#pool,
        scratch: this.#scratch,
        slots,
        memory,
        sharing: new Sharing(),
        workers,
        limits: this.#options.limits ?? {},
        codeOf: (target) => this.#decider.codePartsOf(target),
        requireUnchanged: (target, ingredients) => this.#decider.requireUnchanged(target, ingredients),
        onEvent: (event) => this.#emit(event),
        onWait: (target, ...wait) => this.#waits.tell(target, target, ...wait),
        drain: this.#stop.signal,
        kill: kill ?? new AbortController().signal,
        inFlight: new Map(),
      };
      requireFiles(this.#graph, this.#selected);
      await this.#bringUpAll(execution);
    } finally {
      drain?.removeEventListener('abort', onInterrupt);
      kill?.removeEventListener('abort', onKill);
      await this.#pool.close();
      this.#scratch.close();
    }
    this.#decider.save();
    return this.#finish();
  }

  /** Who may run when, and what is known of the memory that they need. */
  #admission(): { slots: Slots; memory: Memory } {
    const { workers, memoryBytes = defaultBudget(), hermetic = false } = this.#options;
    const slots = new Slots({
      cores: workers,
      memoryBytes,
      resident: () => this.#pool.residentBytes(),
      relieve: () => this.#pool.relieve(),
      onOver: (target, bytes, isFound) => {
        const verb = isFound ? 'holds' : 'needs about';
        const budget = inUnits(memoryBytes);
        const message = `${target}: the run ${verb} ${inUnits(bytes)}, more than its memory budget of ${budget}; nothing else runs beside it`;
        this.#emit({ type: 'warning', message });
      },
    });
    const memory = new Memory({
      recordOf: (target) => this.#store.lastRecord(target),
      instancesOf: (stage) => {
        const targets = [...this.#graph.targets.values()].filter((target) => target.stage.name === stage);
        return targets.slice(0, MOST_INSTANCES).map(({ id }) => id);
      },
      fits: (need) => slots.fitsAlone(need),
      isStrict: this.#options.memoryBytes !== undefined,
      extraBytes: hermetic ? PROCESS_BYTES : 0,
    });
    return { slots, memory };
  }

  async #bringUpAll(execution: Execution): Promise<void> {
    const settled = new Map<string, Promise<void>>();
    for (const target of this.#graph.targets.values()) {
      if (!this.#selected.has(target.id)) continue;
      const upstream = Promise.all(target.dependsOn.map((id) => settled.get(id)));
      settled.set(
        target.id,
        upstream.then(() => this.#bringUp(execution, target)),
      );
    }
    try {
      await Promise.all(settled.values());
    } catch (error) {
      this.#stop.abort();
      throw error;
    } finally {
      // What is under way comes to its end, also beside a part that failed: nothing may be committed when the run
      // has left the store.
      await Promise.allSettled([...settled.values(), ...execution.inFlight.values()]);
    }
  }

  async #bringUp(execution: Execution, target: Target): Promise<void> {
    if (target.dependsOn.some((id) => this.#resolved.get(id)?.record === undefined))
      return this.#block(target);
    const resolved = await this.#decider.resolve(target, this.#resolved);
    if (resolved.error !== undefined) return this.#fail(target, 'inputs', resolved.error);
    if (resolved.record !== undefined) {
      this.#resolved.set(target.id, resolved);
      this.#cached++;
      if (resolved.decision.state === 'cached') this.#remember(target, resolved.key!);
      this.#emit({ type: 'target-cached', target: target.id });
      return;
    }
    if (this.#stop.signal.aborted) {
      this.#drained = true;
      return;
    }
    try {
      this.#options.hold?.(target, resolved);
    } catch (error) {
      return this.#fail(target, 'inputs', error);
    }
    this.#room ??= this.#requireRoom();
    await this.#room;
    const { causes } = resolved.decision;
    for (const cause of causes) {
      if (cause.kind !== 'damaged') continue;
      this.#emit({
        type: 'warning',
        message: `${target.id}: ${cause.output} is damaged (${cause.detail}): made again`,
      });
    }
    const why = describeCausesFor(this.#options.study ?? '', resolved.decision);
    this.#emit({ type: 'target-started', target: target.id, why });
    const started = performance.now();
    const last = this.#store.lastRecord(target.id);
    this.#running++;
    try {
      const done = await executeTarget(execution, target, resolved, this.#resolved, {
        code: this.#decider.codeOf(target),
        priority: this.#priorities().get(target.id)!,
        forced: this.#options.force?.has(target.id) ?? false,
      });
      this.#resolved.set(target.id, { ...resolved, record: done.record });
      this.#remember(target, done.record.key);
      if (done.outcome === 'ran') this.#ran.set(target.id, done);
      else this.#cached++;
      const durationMs = performance.now() - started;
      const unchanged = last !== undefined && sameOutputs(last.outputs, done.record.outputs);
      this.#emit({ type: 'target-finished', target: target.id, durationMs, unchanged });
    } catch (error) {
      if (error instanceof Drained) this.#drained = true;
      else this.#fail(target, (error as { action?: string }).action ?? 'run', error);
    } finally {
      this.#running--;
    }
  }

  /** Estimated when a target is to run: mostly none is. */
  #priorities(): ReadonlyMap<string, number> {
    this.#estimated ??= estimatePriorities(this.#graph, this.#store);
    return this.#estimated;
  }

  /** Throws if the store cannot be written everywhere, or the disk has no room for what is sure to be written, as far as earlier runs tell how much that is. */
  async #requireRoom(): Promise<void> {
    requireWritable(this.#store.dir);
    requireLinks(this.#store);
    requireTakenNames(this.#store, this.#graph.targets.values());
    const resolved = await resolveAll(this.#decider, this.#graph, this.#selected);
    const decisions = [...resolved.values()].map(({ decision }) => decision);
    const { certainBytes, bytes } = forecast(this.#graph, this.#store, decisions, this.#options.workers);
    checkSpace(this.#store, certainBytes);
    if (freeBytes(this.#store.dir) >= bytes) return;
    this.#emit({ type: 'warning', message: 'the disk may become full before all targets are made' });
  }

  #remember(target: Target, key: ActionKey): void {
    this.#store.setLastKey(target.id, key, this.#options.study);
  }

  /** A full disk is told with how much is missing, as far as an earlier record says what the target writes. */
  #withRoom(target: Target, error: unknown): unknown {
    const last = this.#store.lastRecord(target.id);
    const needed = last === undefined ? undefined : (last.work?.bytes ?? bytesOf(last.outputs));
    return diskError(error, this.#store.dir, needed) ?? removedStore(this.#store.dir, error) ?? error;
  }

  #fail(target: Target, action: string, error: unknown): void {
    const info = toErrorInfo(this.#withRoom(target, error));
    if (info.kind === 'interrupted') {
      this.#drained = true;
      return;
    }
    this.#failed.push({ target: target.id, error: info });
    this.#emit({ type: 'target-failed', target: target.id, action, error: info });
    if (!this.#options.keepGoing) this.#stop.abort();
  }

  /** A target whose inputs are not to be had: because they failed, or because the run drains. */
  #block(target: Target): void {
    const by = target.dependsOn.find((id) => this.#resolved.get(id)?.record === undefined)!;
    const isFailure = this.#failed.some((f) => f.target === by) || this.#blocked.includes(by);
    if (!isFailure) return;
    this.#blocked.push(target.id);
    this.#emit({ type: 'target-blocked', target: target.id, by });
  }

  async #finish(): Promise<RunResult> {
    const interrupted = this.#drained && this.#failed.length === 0;
    const outcome: RunOutcome = this.#failed.length > 0 ? 'failed' : interrupted ? 'interrupted' : 'done';
    const durationMs = performance.now() - this.#start;
    let outputs: RunOutputs | undefined;
    let upToDate = 0;
    const result: Omit<RunResult, 'outputs' | 'upToDate'> = {
      outcome,
      run: this.#id,
      ran: this.#ran.size,
      cached: this.#cached,
      failed: this.#failed,
      blocked: this.#blocked,
      nondeterministic: [...this.#log.nondeterministic],
      durationMs,
    };
    if (outcome === 'done') {
      const current = await this.#currentOutputs();
      upToDate = [...this.#resolved.values()].filter(({ record }) => record !== undefined).length;
      const complete = upToDate === this.#graph.targets.size;
      const manifest = { ...this.#manifest(result), complete, given: this.#options.given };
      outputs = showRun(this.#store, this.#id, current, manifest, {
        id: this.#options.id,
        ran: this.#ran.size > 0,
      });
      for (const message of outputs.moved) this.#emit({ type: 'warning', message });
    } else if (this.#log.isOpen) writeManifest(this.#store, this.#id, this.#manifest(result));
    this.#emit({
      type: 'run-finished',
      run: this.#id,
      outcome,
      ran: result.ran,
      cached: result.cached,
      failed: result.failed.length,
      blocked: result.blocked.length,
      durationMs,
      ...(outputs === undefined ? {} : { outputs: outputs.folder, complete: outputs.complete }),
    });
    this.#log.close();
    return { ...result, upToDate, outputs };
  }

  /** Outputs with a name, of every target that is up to date under this config, run now or not. */
  async #currentOutputs(): Promise<Map<string, StoredOutput>> {
    const outputs = new Map<string, StoredOutput>();
    for (const target of this.#graph.targets.values()) {
      let resolved = this.#resolved.get(target.id);
      if (resolved === undefined) {
        resolved = await this.#decider.resolve(target, this.#resolved);
        this.#resolved.set(target.id, resolved);
      }
      for (const { slot, name } of target.publish) {
        const output = resolved.record?.outputs[slot];
        if (output !== undefined) outputs.set(name, output);
      }
    }
    return outputs;
  }

  #manifest(result: Omit<RunResult, 'outputs' | 'upToDate'>): object {
    const { outcome, failed, blocked, durationMs } = result;
    return {
      ...this.#options.manifest,
      run: this.#id,
      seed: this.#graph.seed,
      outcome,
      startedAt: new Date(this.#startedAt).toISOString(),
      endedAt: new Date(this.#startedAt + durationMs).toISOString(),
      durationMs: Math.round(durationMs),
      study: this.#options.study,
      workers: this.#options.workers,
      targets: manifestTargets(this.#graph, this.#resolved, new Set(this.#ran.keys())),
      failed: failed.map(({ target, error: { stack, ...error } }) => ({ target, error })),
      blocked,
      actions: this.#log.actions,
    };
  }

  #emit(event: FlowEvent): void {
    this.#log.note(event);
    this.#options.onEvent(event);
  }
}

function sameOutputs(
  a: Readonly<Record<string, StoredOutput>>,
  b: Readonly<Record<string, StoredOutput>>,
): boolean {
  const slots = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...slots].every((slot) => a[slot]?.hash === b[slot]?.hash);
}

/** Sorts by time; unique among processes. */
function runId(): string {
  return `${new Date().toISOString().replace(/[:.]/g, '-')}-${randomBytes(3).toString('hex')}`;
}
