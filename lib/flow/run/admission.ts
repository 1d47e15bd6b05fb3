/** Admission of a run's actions: the slots in which they run, and the estimates of the memory they need. */
import type { Graph } from '../graph/target.ts';
import type { Store } from '../store/store.ts';
import { inUnits } from '../text/byte-units.ts';
import type { Executor } from '../workers/executor.ts';
import { defaultBudget } from './memory.ts';
import { Memory } from './needs.ts';
import type { RunOptions } from './run-options.ts';
import { Slots } from './slots.ts';

/** Maximum number of targets of a stage whose records are searched for their memory use. */
const MOST_INSTANCES = 16;

/**
 * Makes the slots and memory estimates of a run.
 *
 * @param warn gets a message for each target that alone needs more than the memory budget
 */
export function admission(
  { graph, store, executor }: { graph: Graph; store: Store; executor: Executor },
  { workers, memoryBytes }: Pick<RunOptions, 'workers' | 'memoryBytes'>,
  warn: (message: string) => void,
): { slots: Slots; memory: Memory } {
  const budgetBytes = memoryBytes ?? defaultBudget();
  const slots = new Slots({
    cores: workers,
    memoryBytes: budgetBytes,
    resident: () => executor.residentBytes(),
    relieve: async () => executor.relieve?.(),
    onOver: (target, bytes, isFound) => {
      const verb = isFound ? 'holds' : 'needs about';
      const budget = inUnits(budgetBytes);
      warn(
        `${target}: the run ${verb} ${inUnits(bytes)}, more than its memory budget of ${budget}; nothing else runs beside it`,
      );
    },
  });
  const memory = new Memory({
    recordOf: (target) => store.lastRecord(target),
    instancesOf: (stage) => {
      const targets = [...graph.targets.values()].filter((target) => target.stage.name === stage);
      return targets.slice(0, MOST_INSTANCES).map(({ id }) => id);
    },
    fits: (need) => slots.fitsAlone(need),
    isStrict: memoryBytes !== undefined,
    extraBytes: executor.overheadBytes,
  });
  return { slots, memory };
}
