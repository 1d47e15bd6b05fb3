/** Order of types in which similar types are adjacent. */

/**
 * Returns the order of the leaves of a hierarchical clustering with average linkage (UPGMA), where each merge is oriented
 * so that the nearer ends are adjacent. The order is deterministic: of equal distances, the pair with the lower numbers
 * merges first.
 *
 * `similarity` is n × n and symmetric, larger is more alike; NaN counts as less alike than all values.
 */
export function clusterOrder(similarity: Float64Array, n: number): number[] {
  let high = Number.NEGATIVE_INFINITY;
  let low = Number.POSITIVE_INFINITY;
  for (const s of similarity) {
    if (s > high) high = s;
    if (s < low) low = s;
  }
  const far = high >= low ? high - low + 1 : 1;
  const distance = Float64Array.from(similarity, (s) => (Number.isNaN(s) ? far : high - s));
  const leaf = (a: number, b: number) => distance[a * n + b];
  const between = Float64Array.from(distance);
  const clusters: (number[] | null)[] = Array.from({ length: n }, (_, i) => [i]);

  for (let merges = 1; merges < n; merges++) {
    let a = -1;
    let b = -1;
    for (let i = 0; i < n; i++) {
      if (clusters[i] === null) continue;
      for (let j = i + 1; j < n; j++) {
        if (clusters[j] === null) continue;
        if (a < 0 || between[i * n + j] < between[a * n + b]) [a, b] = [i, j];
      }
    }
    const left = clusters[a]!;
    const right = clusters[b]!;
    for (let k = 0; k < n; k++) {
      if (clusters[k] === null || k === a || k === b) continue;
      const d =
        (left.length * between[a * n + k] + right.length * between[b * n + k]) / (left.length + right.length);
      between[a * n + k] = d;
      between[k * n + a] = d;
    }
    clusters[a] = join(left, right, leaf);
    clusters[b] = null;
  }
  return clusters.find((cluster) => cluster !== null) ?? [];
}

/** Joins two sequences end to end, in that of the four orientations whose adjacent ends are nearest. */
function join(left: number[], right: number[], distance: (a: number, b: number) => number): number[] {
  const ways = [
    [left, right],
    [left, [...right].reverse()],
    [[...left].reverse(), right],
    [[...left].reverse(), [...right].reverse()],
  ];
  let best = ways[0];
  for (const way of ways) {
    const [l, r] = way;
    if (distance(l[l.length - 1], r[0]) < distance(best[0][best[0].length - 1], best[1][0])) best = way;
  }
  return best.flat();
}
