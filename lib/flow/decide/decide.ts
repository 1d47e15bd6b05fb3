/**
 * Decides whether a target must run; the only module that does. `run` decides target by target, as inputs become known.
 * `plan`, `status` and `why` decide all targets at once; then targets downstream of a stale one are `unknown`, because the
 * stale target may produce the same bytes again.
 */
import pLimit from 'p-limit';
import { dataError, OperationalError, storeError } from '../../errors.ts';
import { type CodeChange, codeChanges } from '../code/change.ts';
import type { CodeEntry, CodeIdentity } from '../code/code-entry.ts';
import { CodeIdentities, joinIdentities } from '../code/identity.ts';
import { KeptTexts } from '../files/kept-texts.ts';
import type { Graph, InputSource, Target } from '../graph/target.ts';
import { hintOf } from '../hints.ts';
import { canonicalHash } from '../keys/canonical.ts';
import { folderChange } from '../keys/folder.ts';
import {
  type ActionKey,
  actionKey,
  type ContentHash,
  type InputContent,
  type KeyIngredients,
} from '../keys/key.ts';
import { type HashWatch, StatCache } from '../keys/stat-cache.ts';
import { mostSimilar } from '../store/history.ts';
import type { ActionRecord } from '../store/record.ts';
import type { Store } from '../store/store.ts';
import type { TaskCode } from '../workers/executor.ts';
import type { Cause, Compared, Decision } from './decision.ts';
import { explain } from './explain.ts';
import { decisionOf, waitsFor } from './root-cause.ts';

/** Limit for hashing large files concurrently: more at once only make the disk seek. */
const oneOfFew = pLimit(4);

/** Decision with the key, ingredients and record that it is based on. */
export interface Resolved {
  readonly decision: Decision;
  /** Cache key; present as soon as all inputs are known. */
  readonly key?: ActionKey;
  readonly ingredients?: KeyIngredients;
  /** Record of the action; present if the outputs are in the store. */
  readonly record?: ActionRecord;
  /** Error that prevents a decision, as it was thrown. */
  readonly error?: unknown;
}

/** Decides targets one by one, from their code, params and inputs; call `prepare` first. Caches hashes of files and code. */
export class Decider {
  readonly #graph: Graph;
  readonly #store: Store;
  readonly #force: ReadonlySet<string>;
  readonly #study: string;
  readonly #stats: StatCache;
  readonly #identities: CodeIdentities;
  /** Listings of folders outside the store, so that the changed files in one can be named. */
  readonly #listings: KeptTexts;

  constructor(
    graph: Graph,
    store: Store,
    force: ReadonlySet<string> = new Set(),
    study = '',
    watch: HashWatch = {},
  ) {
    this.#graph = graph;
    this.#store = store;
    this.#force = force;
    this.#study = study;
    this.#stats = new StatCache(store.layout.fileHashes, watch);
    this.#listings = new KeptTexts(store.layout.folderListings);
    this.#identities = new CodeIdentities(
      { cacheFile: store.layout.codeIdentities, texts: store.layout.codeTexts },
      this.#stats,
    );
  }

  /** Identifies the code of these targets. Call once, before `resolve`. */
  async prepare(targets: ReadonlySet<string>): Promise<void> {
    await this.#identities.prepare([...targets].flatMap((id) => codeOf(this.#graph.targets.get(id)!)));
  }

  codeOf(target: Target): CodeIdentity {
    return joinIdentities(codeOf(target).map((entry) => this.#identities.get(entry)));
  }

  /** Files, folders and environment variables that the target's code consists of or may use. */
  codePartsOf(target: Target): TaskCode {
    const parts = this.#identities.partsOf(codeOf(target));
    const all = (name: 'files' | 'folders' | 'absent' | 'variables') => [
      ...new Set(parts.flatMap((part) => part[name])),
    ];
    return {
      files: all('files'),
      folders: all('folders'),
      absent: all('absent'),
      variables: all('variables'),
    };
  }

  /**
   * Checks that the files a target reads and its code still match its key. Throws a data error if one changed: the new
   * outputs then belong to no key and must not be kept.
   */
  async requireUnchanged(target: Target, { inputs }: KeyIngredients): Promise<void> {
    for (const [slot, source] of Object.entries(target.inputs)) {
      const contents = [inputs[slot] ?? []].flat() as InputContent[];
      for (const [i, one] of ([source].flat() as InputSource[]).entries()) {
        if (one.from === 'artifact' || contents[i]?.kind !== one.from) continue;
        const { path } = one;
        const { hash } = contents[i];
        const isStill =
          one.from === 'file' ? this.#stats.isStill(path, hash) : this.#stats.isFolderStill(path, hash);
        if (await isStill) continue;
        throw dataError(`${path} changed while ${target.id} read it`, {
          where: path,
          hint: `nothing of this was kept; run again when the ${one.from} is at rest`,
        });
      }
    }
    const [edited] = await this.#identities.changedFiles(codeOf(target));
    if (edited !== undefined) {
      throw dataError(`the code of ${target.id} changed while it ran`, {
        where: edited,
        hint: 'nothing of this was kept; run again',
      });
    }
  }

  /** Writes the hashes of files and code for later processes. */
  save(): void {
    this.#stats.save();
    this.#identities.save();
    this.#listings.save();
  }

  /** Decides one target, given the decisions on its dependencies. */
  async resolve(target: Target, upstream: ReadonlyMap<string, Resolved>): Promise<Resolved> {
    const broken = target.dependsOn.filter((id) => isBroken(upstream.get(id)));
    if (broken.length > 0) {
      const causes: Cause[] = [{ kind: 'upstream', targets: broken }];
      return { decision: decisionOf({ target: target.id, state: 'blocked', causes }, upstream) };
    }
    try {
      const last = this.#store.recentKeys(target.id)[0]?.key;
      const pending = target.dependsOn.filter((id) => upstream.get(id)?.record === undefined);
      if (pending.length > 0) {
        const compared = this.#compare(target, (record) => this.#ownCauses(target, record));
        const own = compared?.causes ?? [{ kind: 'new' } as const];
        const until = waitsFor(pending, upstream);
        const causes: Cause[] = [...own, { kind: 'upstream', targets: pending, until }];
        const comparedWith = compared?.with;
        return {
          decision: decisionOf({ target: target.id, state: 'unknown', causes, comparedWith }, upstream),
        };
      }
      return await this.#resolveKnown(target, upstream, last);
    } catch (error) {
      if (!(error instanceof OperationalError)) throw error;
      const causes: Cause[] = [{ kind: 'error', message: error.message }];
      return { decision: { target: target.id, state: 'failed', causes }, error };
    }
  }

  async #resolveKnown(
    target: Target,
    upstream: ReadonlyMap<string, Resolved>,
    last: ActionKey | undefined,
  ): Promise<Resolved> {
    const inputs: Record<string, InputContent | InputContent[]> = {};
    for (const [slot, source] of Object.entries(target.inputs)) {
      inputs[slot] = Array.isArray(source)
        ? await Promise.all(source.map((s) => this.#contentOf(s, upstream, target.code)))
        : await this.#contentOf(source as InputSource, upstream, target.code);
    }
    const ingredients = this.#ingredients(target, inputs);
    const key = actionKey(ingredients, target.stage.name);
    const behind = (from: string, old: string) => this.#behind(from, old, upstream);
    if (this.#force.has(target.id)) return stale([{ kind: 'forced' }]);
    const found = this.#store.lookup(key);
    if (found.state === 'hit') {
      const state = last === key ? 'fresh' : 'cached';
      return { decision: { target: target.id, state, causes: [] }, key, ingredients, record: found.record };
    }
    if (found.state === 'damaged') {
      return stale([{ kind: 'damaged', output: found.output, detail: found.detail }]);
    }
    if (found.state === 'closed') throw closedStore(this.#store.dir, found.detail);
    if (found.shared !== undefined) return stale([{ kind: 'record', detail: found.shared }]);
    const compared = this.#compare(target, (record) => this.causesSince(record, ingredients, target));
    if (compared === undefined || compared.causes.length === 0) {
      const other = found.detail ?? (last === undefined ? undefined : this.#store.otherVersion(last));
      return stale([other === undefined ? { kind: 'new' } : { kind: 'record', detail: other }]);
    }
    return stale(compared.causes, compared.with);

    function stale(causes: Cause[], comparedWith?: Compared): Resolved {
      const own = { target: target.id, state: 'stale', causes, comparedWith } as const;
      return { decision: decisionOf(own, upstream, behind), key, ingredients };
    }
  }

  /** Root cause of the change from an earlier record with this output hash to the current state of an up-to-date target. */
  #behind(id: string, hash: string, upstream: ReadonlyMap<string, Resolved>): Decision['root'] {
    const { ingredients } = upstream.get(id) ?? {};
    const target = this.#graph.targets.get(id)!;
    if (ingredients === undefined) return undefined;
    for (const { key, study } of this.#store.recentKeys(id)) {
      const record = this.#store.recordOf(key);
      if (record === undefined || !Object.values(record.outputs).some((o) => o.hash === hash)) continue;
      const causes = this.causesSince(record, ingredients, target);
      const own = { target: id, state: 'fresh', causes, comparedWith: { key, study } } as const;
      return decisionOf(own, upstream, (from, old) => this.#behind(from, old, upstream)).root;
    }
    return undefined;
  }

  /** Code changes of a target since an earlier record; undefined if the record is gone. */
  codeChangesSince(id: string, key: ActionKey): CodeChange[] | undefined {
    const record = this.#store.recordOf(key);
    if (record === undefined) return undefined;
    const { pieces } = this.codeOf(this.#graph.targets.get(id)!);
    return codeChanges(record.code, pieces, (hash) => this.#identities.texts.get(hash));
  }

  /** Differences between a target and the most similar of its earlier records; undefined if it has none. */
  #compare(
    target: Target,
    causesSince: (record: ActionRecord) => Cause[],
  ): { with: Compared; causes: Cause[] } | undefined {
    const found = mostSimilar(
      this.#store.recentKeys(target.id),
      this.#study,
      (key) => this.#store.recordOf(key),
      (record) => causesSince(record).length,
    );
    if (found === undefined) return undefined;
    const { record, study } = found;
    return { with: { key: record.key, study }, causes: causesSince(record) };
  }

  /** Key ingredients of a target that are known before its inputs are made: `inputs` has external files and folders only. */
  async knownIngredients(target: Target): Promise<KeyIngredients> {
    const inputs: Record<string, InputContent> = {};
    for (const [slot, source] of Object.entries(target.inputs)) {
      if (!Array.isArray(source) && (source as InputSource).from !== 'artifact')
        inputs[slot] = await this.#contentOf(source as InputSource, new Map(), target.code);
    }
    return this.#ingredients(target, inputs);
  }

  #ingredients(target: Target, inputs: KeyIngredients['inputs']): KeyIngredients {
    return {
      code: this.codeOf(target).hash,
      params: target.params,
      inputs,
      seed: target.seed,
      environment: target.environment,
      share: { role: 'whole' },
    };
  }

  /** Differences between a target's current and earlier ingredients; for folders, with the names of changed files. */
  causesSince(
    before: Pick<ActionRecord, 'ingredients' | 'code'>,
    now: KeyIngredients,
    target: Target,
  ): Cause[] {
    return explain(before, now, this.codeOf(target).pieces, target).map((cause) => {
      if (cause.kind !== 'input' || cause.old === undefined || cause.new === undefined) return cause;
      const [old, current] = [cause.old, cause.new].map((hash) => this.#listings.get(hash));
      if (old === undefined || current === undefined) return cause;
      return { ...cause, files: folderChange(old, current) };
    });
  }

  /** Causes that are known before the inputs are. */
  #ownCauses(target: Target, last: ActionRecord): Cause[] {
    const now = this.#ingredients(target, last.ingredients.inputs);
    return this.causesSince(last, now, target);
  }

  async #contentOf(
    source: InputSource,
    upstream: ReadonlyMap<string, Resolved>,
    code: readonly string[],
  ): Promise<InputContent> {
    // A code file of the target is covered by its code identity, which ignores comments.
    if (source.from === 'file' && code.includes(source.path)) return { kind: 'code', hash: CODE };
    if (source.from === 'file') {
      return { kind: 'file', hash: await oneOfFew(() => this.#stats.hash(source.path)) };
    }
    if (source.from === 'folder') {
      await source.check?.(source.path);
      const listing = await oneOfFew(() => this.#stats.listing(source.path));
      return { kind: 'folder', hash: this.#listings.add(listing) as ContentHash };
    }
    const output = upstream.get(source.target)!.record!.outputs[source.output];
    if (output === undefined)
      throw new TypeError(`${source.target} did not write its output ${source.output}`);
    return { kind: output.kind, hash: output.hash };
  }
}

function closedStore(dir: string, detail: string): OperationalError {
  return storeError(detail, {
    expected: 'a store whose records and objects can be read',
    where: dir,
    hint: hintOf('othersStore'),
  });
}

/** Placeholder content hash of an input that is code. */
const CODE = canonicalHash('code') as ContentHash;

function codeOf({ stage, code }: Target): CodeEntry[] {
  const { externals } = stage;
  const own = code.map((module) => ({ module, names: stage.names, externals }));
  return [{ module: stage.module, externals, names: stage.imports }, ...own];
}

function isBroken(resolved: Resolved | undefined): boolean {
  return resolved?.decision.state === 'failed' || resolved?.decision.state === 'blocked';
}
