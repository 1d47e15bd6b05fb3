/** Places in configs written in YAML. */
import { isAlias, isMap, isNode, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import type { Located, Locator, Range } from './location.ts';
import type { Path } from './path.ts';

export function locateInYaml(text: string): Locator {
  const document = parseDocument(text, { logLevel: 'silent' });

  const follow = (node: unknown): unknown => (isAlias(node) ? node.resolve(document) : node);

  return (path: Path): Located => {
    let node: unknown = document.contents;
    let key: Range | undefined;
    for (let depth = 0; ; depth++) {
      const inner = follow(node);
      const next = depth < path.length ? step(inner, path[depth]) : undefined;
      if (next === undefined) {
        return { depth, key, value: rangeOf(node), container: isMap(inner) || isSeq(inner) };
      }
      key = next.key;
      node = next.value;
    }
  };
}

function step(node: unknown, key: string | number): { key?: Range; value: unknown } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(key)];
    return item === undefined ? undefined : { value: item };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((p) => isScalar(p.key) && String(p.key.value) === String(key));
  return pair === undefined ? undefined : { key: rangeOf(pair.key), value: pair.value };
}

function rangeOf(node: unknown): Range | undefined {
  const range = isNode(node) ? (node as Node).range : undefined;
  return range ? { start: range[0], end: range[1] } : undefined;
}
