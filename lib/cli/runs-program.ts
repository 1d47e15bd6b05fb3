/** Commands under `runs`. */
import type { Command } from 'commander';
import type { Action } from './action.ts';
import { parseTolerance } from './output/units.ts';

/** Description of the option `--study`. */
export const STUDY = 'a study of the store, by its name (default: that of the config)';

/**
 * Defines the commands under `runs`.
 *
 * @param withStore adds the options of commands that look at the store
 */
export function defineRuns(runs: Command, action: Action, withStore: (command: Command) => Command): void {
  withStore(runs).action(action(async () => (await import('./commands/runs.ts')).runs));

  withStore(
    runs.command('show <run>').description('show one run: latest, partial, or the beginning of its id'),
  )
    .option('--study <name>', STUDY)
    .action(action(async () => (await import('./commands/runs.ts')).showRun));

  withStore(
    runs
      .command('diff <old> <new>')
      .description('show what differs between two runs, down to the cells of their tables'),
  )
    .option(
      '--tolerance <t>',
      'numbers a and b are equal if |a - b| is at most t (1 + the larger of |a| and |b|)',
      parseTolerance,
      0,
    )
    .option('--study <name>', STUDY)
    .option('--full', 'show all changed cells and code')
    .action(action(async () => (await import('./commands/runs-diff.ts')).diffOfRuns));

  withStore(runs.command('export <run> <folder>').description('copy the outputs of a run into a new folder'))
    .option('--study <name>', STUDY)
    .option('--ro-crate', 'describe them as an RO-Crate 1.1 (Workflow Run Crate 0.5)')
    .action(action(async () => (await import('./commands/runs-export.ts')).exportRun));
}
