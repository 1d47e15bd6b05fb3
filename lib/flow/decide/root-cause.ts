/** Root cause of a change, up the graph. */
import type { Cause, Decision } from './decision.ts';

type Upstream = ReadonlyMap<string, { readonly decision: Decision }>;

/** Causes that lie in the target itself, not upstream. */
function ownCauses(causes: readonly Cause[]): Cause[] {
  return causes.filter((c) => c.kind !== 'upstream' && !(c.kind === 'input' && !c.external));
}

/**
 * Adds the root cause to a decision: the target itself, or the nearest upstream target with a cause of its own.
 *
 * @param behind the root cause of an up-to-date target's change since it produced the content with this hash: another run
 *   may have brought it up to date in between
 */
export function decisionOf(
  own: Pick<Decision, 'target' | 'state' | 'causes' | 'comparedWith'>,
  upstream: Upstream,
  behind: (target: string, hash: string) => Decision['root'] = () => undefined,
): Decision {
  const { target, causes, comparedWith } = own;
  const mine = ownCauses(causes);
  if (mine.length > 0) return { ...own, root: { target, causes: mine, comparedWith } };
  for (const cause of causes) {
    const root =
      cause.kind === 'upstream'
        ? firstOf(cause.targets, (id) => rootOf(id, upstream))
        : cause.kind === 'input'
          ? (rootOf(cause.from, upstream) ??
            (cause.old === undefined ? undefined : behind(cause.from, cause.old)))
          : undefined;
    if (root !== undefined) return { ...own, root };
  }
  return own;
}

/** Targets that must run before a target with these pending inputs can be decided. */
export function waitsFor(pending: readonly string[], upstream: Upstream): string[] {
  const until = new Set<string>();
  for (const id of pending) {
    const decision = upstream.get(id)?.decision;
    const cause = decision?.causes.find((c) => c.kind === 'upstream');
    if (decision?.state === 'unknown' && cause !== undefined) for (const u of cause.until ?? []) until.add(u);
    else until.add(id);
  }
  return [...until];
}

function rootOf(id: string, upstream: Upstream): Decision['root'] {
  const decision = upstream.get(id)?.decision;
  if (decision?.root !== undefined) return decision.root;
  return decision?.causes.length ? { target: id, causes: decision.causes } : undefined;
}

function firstOf<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
