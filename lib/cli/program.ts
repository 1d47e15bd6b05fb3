/** Commands, their options and their help. The code behind a command is imported when it is called. */
import { Command, CommanderError, Option } from 'commander';
import { EXIT } from '../errors.ts';
import type { Action, Load } from './action.ts';
import type { App } from './app.ts';
import { note } from './output/ui.ts';
import {
  parseActionMemory,
  parseAge,
  parseKeepDays,
  parseKeepRuns,
  parseMemory,
  parseRows,
  parseSeed,
  parseShare,
  parseSize,
  parseTime,
  parseWorkers,
} from './output/units.ts';
import { defineRuns, STUDY } from './runs-program.ts';

/** Parses the arguments, runs the command and returns its exit code. */
export async function runCommand(app: App, args: readonly string[]): Promise<number> {
  let code: number = EXIT.done;
  const action =
    (load: Load) =>
    async (...given: unknown[]): Promise<void> => {
      const handler = await load();
      // Commander hands over the arguments, the options and the command itself.
      const options = { ...DEFAULTS, ...(given.at(-1) as Command).optsWithGlobals() };
      code = await handler(app, ...([...given.slice(0, -2), options] as never[]));
    };
  const program = buildProgram(app, action);
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.unknownCommand') await nameRun(app, args);
    return error.exitCode === 0 ? EXIT.done : EXIT.badInput;
  }
}

/** Hints at the `run` of a stage that was given in the place of a command. */
async function nameRun(app: App, args: readonly string[]): Promise<void> {
  const given = args.find((arg) => !arg.startsWith('-')) ?? '';
  const renamed = app.renamed?.stages ?? {};
  const name = Object.hasOwn(renamed, given) ? renamed[given] : given;
  const isStage = (await app.stages()).some((stage) => stage.name === name);
  if (isStage) note(`hint: to bring the stage ${name} up to date: ${app.name} run ${name}`);
}

/** Defaults of options, kept from commander, whose help would show them: `(default: false)`. */
const DEFAULTS = {
  set: [],
  force: [],
  json: false,
  quiet: false,
  debug: false,
  dryRun: false,
  keepGoing: false,
  overwrite: false,
  full: false,
  config: undefined,
};

function buildProgram(app: App, action: Action): Command {
  const { name } = app;
  const program = new Command(name)
    .description(app.about)
    .version(app.version, '-V, --version')
    .helpCommand('help [command]', 'show help for a command')
    .showHelpAfterError(`(${name} help lists the commands, ${name} help <command> explains one)`)
    .addHelpText('after', EXIT_CODES)
    .exitOverride();

  const define = (usage: string, about: string, examples: readonly Example[]): Command =>
    program
      .command(usage)
      .description(about)
      .addHelpText('after', examplesText(name, examples))
      .showHelpAfterError(`(${name} help ${usage.split(' ')[0]} lists the options)`);

  withRun(
    withConfig(
      define('run [targets...]', 'bring all targets, or these, up to date', [
        ['run', 'everything that is not up to date'],
        ['run similarity', 'all measures, and what they need'],
        ["run 'encode[rank]+'", 'one instance, and all that depends on it'],
        ['run --set subset.cellsPerType=100 --workers 4', 'another value for this run'],
        ['run --data atlas.h5ad --label cell_type', 'the same study on other cells'],
        ['run --plan plan.json', 'what plan -o wrote, if nothing has changed since'],
        ['run --encodings rank,geneformer', 'with some of its encodings'],
      ]),
    ),
  )
    .option('--plan <file>', 'do what a plan says, or refuse if anything changed since it was made')
    .action(action(async () => (await import('./commands/run.ts')).runTargets));

  withDecide(
    withConfig(
      define('plan [targets...]', 'show what run would do, and why; write nothing', [
        ['plan', 'everything'],
        ['plan --set embeddings.expressionUmap.dims=10', 'what a change would cost'],
        ['plan -o plan.json', 'keep the plan; run --plan plan.json runs it, or refuses if anything changed'],
      ]),
    ),
  )
    .option('-o, --output <file>', 'keep the plan in a file')
    .option('--workers <n>', 'worker threads of the forecast (default: one a core)', parseWorkers)
    .action(action(async () => (await import('./commands/plan.ts')).plan));

  withDecide(
    withConfig(
      define('status [targets...]', 'show the state of every target', [
        ['status', 'everything'],
        ['status embed', 'the embeddings, and what they need'],
      ]),
    ),
  ).action(action(async () => (await import('./commands/status.ts')).status));

  withDecide(
    withConfig(
      define('why <targets...>', 'explain the state of a target, with its root cause', [
        ["why 'similarity[rank-spearman]'", 'one target'],
        ['why encode', 'all targets of a stage'],
        ['why load --full', 'with the whole difference of its code'],
      ]),
    ),
  )
    .option('--full', 'show changed values and code without limit')
    .action(action(async () => (await import('./commands/why.ts')).why));

  withDecide(
    withConfig(
      define('graph [targets...]', 'print the graph of the targets and their states', [
        ['graph', 'Mermaid, as GitHub and many editors show it'],
        ['graph --format dot | dot -Tsvg > graph.svg', 'for Graphviz'],
      ]),
    ),
  )
    .addOption(
      new Option('--format <name>', 'language of the graph').choices(['mermaid', 'dot']).default('mermaid'),
    )
    .action(action(async () => (await import('./commands/graph.ts')).graph));

  withStore(
    define('show <output>', 'print the schema and the first rows of an output of the study', [
      ['show separation', 'a result table, by its name under latest/'],
      ['show embeddings/expressionUmap.arrow --rows 3', 'a file in a folder'],
      ["show 'similarity[rank-spearman].pairs' --json", 'any output of any target'],
    ]),
  )
    .option('--run <run>', 'a run in place of the latest: partial, or the beginning of its id')
    .option('--study <name>', STUDY)
    .option('--rows <n>', 'rows to print', parseRows, 10)
    .action(action(async () => (await import('./commands/show.ts')).show));

  withStore(
    define('export <folder> [outputs...]', "copy the study's latest outputs out of the store", [
      ['export results', 'everything'],
      ['export results separation.parquet report.html', 'some'],
    ]),
  )
    .option('--run <run>', 'a run in place of the latest: partial, or the beginning of its id')
    .option('--study <name>', STUDY)
    .option('--overwrite', 'replace files that are there and differ')
    .action(action(async () => (await import('./commands/export.ts')).exportOutputs));

  withConfig(
    define('verify', 'check the hash of everything in the store; put aside what is damaged', [
      ['verify', 'exit code 3 if something is damaged'],
      ['verify --dry-run', 'report only'],
      ['verify --recompute', 'also recompute all targets, and compare'],
      ['verify --recompute 10%', 'a tenth of them, drawn at random'],
    ]),
  )
    .option('--dry-run', 'move nothing')
    .option(
      '--recompute [share]',
      'recompute targets in a scratch folder, and name the first column and row that differ',
      parseShare,
    )
    .option('--seed <n>', 'seed of the draw of targets for --recompute', parseSeed)
    .option('--workers <n>', 'worker threads of --recompute (default: one a core)', parseWorkers)
    .action(action(async () => (await import('./commands/verify.ts')).verifyStore));

  withStore(
    define('gc', 'drop what neither recent runs nor the latest outputs of studies need', [
      ['gc --dry-run', 'what it would drop'],
      ['gc --keep-runs 0 --keep-days 0', 'all but the last outputs of each target'],
      ['gc --older-than 30d', 'only what is older than a month'],
      ['gc --max-size 20G', 'oldest first, until at most that is left'],
    ]),
  )
    .option('--keep-runs <n>', 'runs to keep besides those that studies show', parseKeepRuns, 5)
    .option('--keep-days <n>', 'keep what was made in the last days', parseKeepDays, 7)
    .option('--older-than <age>', 'drop only what is older than this: 12h, 30d, 2w', parseAge)
    .option('--max-size <amount>', 'drop oldest first until the store is at most this size', parseSize)
    .option('--keep <run>', 'a run to keep in any case; repeatable', collect, [])
    .option('--dry-run', 'remove nothing')
    .action(action(async () => (await import('./commands/gc.ts')).collectGarbage));

  defineRuns(
    define('runs', 'list the runs on record; show one, compare two, export one', [
      ['runs', 'the last first'],
      ['runs show latest', 'one run, with its targets'],
      ['runs diff 9e1cf5 latest', 'what differs: config, code, input files, outputs, numbers'],
      ['runs export latest crate --ro-crate', 'a run with its outputs, for archives'],
    ]),
    action,
    withStore,
  );

  define('inspect <file>', 'show what is in a data file, and whether a study can use it', [
    ['inspect atlas.h5ad', 'matrices, columns, labels'],
    ['inspect atlas.h5ad --config', 'a config that fits the file'],
  ])
    .option('--config', 'print a config that fits the file')
    .option('--label <column>', 'column of obs with the cell types')
    .option('--batch <column>', 'column of obs with the batches')
    .option('--json', 'print JSON')
    .option('--debug', 'show stack traces')
    .option('--no-color', 'no colours (as the variable NO_COLOR)')
    .action(action(async () => (await import('./commands/inspect.ts')).inspect));

  define('init [file]', 'write a commented config', [
    ['init', 'pipeline.config.ts, on the simulated atlas'],
    ['init --from atlas.h5ad', 'with values that fit these data'],
    ['init atlas.config.ts --from atlas.h5ad --label cell_type', 'under another name'],
  ])
    .option('--from <file>', 'a data file to fit the config to')
    .option('--label <column>', 'column of obs with the cell types')
    .option('--batch <column>', 'column of obs with the batches')
    .option('--json', 'print JSON')
    .option('--debug', 'show stack traces')
    .option('--no-color', 'no colours (as the variable NO_COLOR)')
    .action(action(async () => (await import('./commands/init.ts')).init));

  withConfig(
    define('config', 'print the config that is used, and where each value comes from', [
      ['config', 'everything, defaults included'],
      ['config --set subset.cellsPerType=100 --json', 'for other programs'],
    ]),
  ).action(action(async () => (await import('./commands/config.ts')).config));

  return program;
}

const parseNames = (value: string) =>
  value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

const collect = (value: string, previous: readonly string[] = []) => [...previous, value];

/** Adds the options of commands that look at the content of the store. */
function withStore(command: Command): Command {
  return command
    .option('--config <file>', 'config to use (default: the nearest pipeline.config.*)')
    .option('--store <folder>', 'where artifacts are kept (default: artifacts/ beside the config)')
    .option('--shared-store <folder>', 'a second store, only read: what it has is reused')
    .option('--json', 'print JSON')
    .option('--quiet', 'print nothing but data and errors')
    .option('--debug', 'show stack traces')
    .option('--no-color', 'no colours (as the variable NO_COLOR)');
}

function withConfig(command: Command): Command {
  return (
    withStore(command)
      .option('--set <path=value>', 'another value for a key of the config; repeatable', collect)
      .option('--data <file>', "another dataset, in place of the config's")
      .option('--label <column>', 'column of the dataset with the cell types')
      .option('--batch <column>', 'column of the dataset with the batches')
      // The Makefile uses this option, as it finds a config by the name of the data.
      .addOption(new Option('--fitted').hideHelp())
      .option(
        '--encodings <names>',
        'only these encodings, and what is made of them: rank,geneformer',
        parseNames,
      )
  );
}

function withDecide(command: Command): Command {
  return command.option('--force <target>', 'recompute this target or stage; repeatable', collect, []);
}

function withRun(command: Command): Command {
  return withDecide(command)
    .option('--workers <n>', 'worker threads (default: one a core)', parseWorkers)
    .option(
      '--memory <amount>',
      'memory budget of the run, for example 8G (default: 80 % of what the machine or the control group gives)',
      parseMemory,
    )
    .option('--keep-going', 'after a failure, go on with targets that do not depend on it')
    .option('--action-timeout <time>', 'most time for one action, for example 30m (default: none)', parseTime)
    .option(
      '--action-memory <amount>',
      'most memory for one action, for example 4G (default: what its stage declares)',
      parseActionMemory,
    )
    .option('--hermetic', 'run each action in a process that may read its declared inputs only; slower')
    .option('--no-links', 'show outputs without symbolic links: latest/ is a folder from now on, not a link')
    .option('--dry-run', 'same as the command plan');
}

type Example = readonly [string, string];

function examplesText(name: string, examples: readonly Example[]): string {
  const width = Math.max(...examples.map(([command]) => command.length));
  const lines = examples.map(([command, about]) => `  ${name} ${command.padEnd(width)}  ${about}`);
  return `\nExamples:\n${lines.join('\n')}`;
}

const EXIT_CODES = `
Exit codes: 0 done, 1 a stage failed, 2 usage, config or input data, 3 verification failed, 4 another run holds the store, 5 store or disk, 130 interrupted, 143 terminated.
Data goes to stdout, everything else to stderr.`;
