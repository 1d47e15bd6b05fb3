/** Active run: brings the selected targets up to date, as their inputs become known. */
import { type ErrorInfo, toErrorInfo } from '../../errors.ts';
import { Decider, type Resolved } from '../decide/decide.ts';
import { describeCausesFor } from '../decide/words.ts';
import type { FlowEvent, RunOutcome } from '../events.ts';
import { requireFiles } from '../graph/require-files.ts';
import type { Graph, Target } from '../graph/target.ts';
import type { ActionKey } from '../keys/key.ts';
import type { AbandonedSession } from '../locks/session-lock.ts';
import type { Waits } from '../locks/waits.ts';
import { mendPublished, writeManifest } from '../runs/publish.ts';
import { pathsShown, type RunOutputs, showRun } from '../runs/publish-run.ts';
import { RunLog } from '../runs/run-log.ts';
import { mark } from '../store/recognise.ts';
import { Scratch } from '../store/scratch.ts';
import type { Store } from '../store/store.ts';
import type { Executor } from '../workers/executor.ts';
import { executors } from '../workers/executors.ts';
import { endAbandoned } from './abandoned.ts';
import { admission } from './admission.ts';
import { Drained } from './attempt.ts';
import { explainDiskError, requireRoom } from './disk-room.ts';
import { executeTarget } from './execute.ts';
import { type Done, differingSlots, type Execution } from './execution.ts';
import { watchInterrupts } from './interrupts.ts';
import { estimatePriorities } from './priorities.ts';
import type { RunOptions, RunResult } from './run-options.ts';
import { currentOutputs, runManifest } from './run-record.ts';

export class LiveRun {
  readonly #graph: Graph;
  readonly #store: Store;
  readonly #options: RunOptions;
  readonly #selected: ReadonlySet<string>;
  readonly #decider: Decider;
  readonly #resolved = new Map<string, Resolved>();
  readonly #stop = new AbortController();
  readonly #executor: Executor;
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
  /** Check of the disk space, made once, before the first target runs. */
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
    this.#log = new RunLog(store.layout.run(this.#id));
    this.#scratch = new Scratch(store);
    const make = options.executor ?? (options.hermetic ? executors.process : executors.thread);
    this.#executor = make({ workers: options.workers, heapBytes: options.limits?.memoryBytes });
  }

  async go(abandoned: readonly AbandonedSession[]): Promise<RunResult> {
    const { workers, kill } = this.#options;
    const { slots, memory } = admission(
      { graph: this.#graph, store: this.#store, executor: this.#executor },
      this.#options,
      (message) => this.#emit({ type: 'warning', message }),
    );
    const onDrain = () => {
      if (!kill?.aborted) this.#emit({ type: 'draining', running: this.#running });
      this.#stop.abort();
    };
    const onKill = (by: string | undefined) => {
      this.#emit({ type: 'ending', running: this.#running, by });
      this.#stop.abort();
    };
    const stopWatching = watchInterrupts(this.#options, onDrain, onKill);
    this.#emit({ type: 'run-started', run: this.#id, targets: [...this.#selected], workers });
    for (const message of await endAbandoned(this.#store, abandoned))
      this.#emit({ type: 'warning', message });
    try {
      if (this.#options.links === false && this.#store.usesLinks())
        mark(this.#store.layout, { links: false });
      await this.#decider.prepare(new Set(this.#graph.targets.keys()));
      for (const message of await mendPublished(this.#store, pathsShown(this.#store, this.#options.id)))
        this.#emit({ type: 'warning', message });
      this.#decider.save(); // before any record names this code, so that it can be shown later
      const execution: Execution = {
        graph: this.#graph,
        store: this.#store,
        executor: this.#executor,
        scratch: this.#scratch,
        slots,
        memory,
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
      stopWatching();
      await this.#executor.close?.();
      this.#scratch.close();
    }
    this.#decider.save();
    return this.#finish();
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
      // Wait for everything in flight, even after a failure: nothing may be committed after the run has left the store.
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
      this.#options.enforcePlan?.(target, resolved);
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
      const unchanged = last !== undefined && differingSlots(last.outputs, done.record.outputs).length === 0;
      this.#emit({ type: 'target-finished', target: target.id, durationMs, unchanged });
    } catch (error) {
      if (error instanceof Drained) this.#drained = true;
      else this.#fail(target, (error as { action?: string }).action ?? 'run', error);
    } finally {
      this.#running--;
    }
  }

  /** Priorities of the targets, estimated when the first one runs: usually none does. */
  #priorities(): ReadonlyMap<string, number> {
    this.#estimated ??= estimatePriorities(this.#graph, this.#store);
    return this.#estimated;
  }

  async #requireRoom(): Promise<void> {
    const { workers } = this.#options;
    const warning = await requireRoom(this.#store, this.#graph, this.#decider, {
      targets: this.#selected,
      workers,
    });
    if (warning !== undefined) this.#emit({ type: 'warning', message: warning });
  }

  #remember(target: Target, key: ActionKey): void {
    this.#store.setLastKey(target.id, key, this.#options.study);
  }

  #fail(target: Target, action: string, error: unknown): void {
    const info = toErrorInfo(explainDiskError(this.#store, target, error));
    if (info.kind === 'interrupted') {
      this.#drained = true;
      return;
    }
    this.#failed.push({ target: target.id, error: info });
    this.#emit({ type: 'target-failed', target: target.id, action, error: info });
    if (!this.#options.keepGoing) this.#stop.abort();
  }

  /** Marks a target as blocked if a dependency failed or is blocked itself; does nothing if the run drains. */
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
      const current = await currentOutputs(this.#graph, this.#decider, this.#resolved);
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

  #manifest(result: Omit<RunResult, 'outputs' | 'upToDate'>): object {
    return runManifest(result, {
      graph: this.#graph,
      options: this.#options,
      resolved: this.#resolved,
      ran: new Set(this.#ran.keys()),
      log: this.#log,
      startedAt: this.#startedAt,
    });
  }

  #emit(event: FlowEvent): void {
    this.#log.note(event);
    this.#options.onEvent(event);
  }
}
