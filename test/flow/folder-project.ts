/** One stage that writes a folder, in a folder of its own: what it writes is the test's. Run as a program, it makes the study there. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  buildGraph,
  type FlowEvent,
  openStore,
  type RunOptions,
  run,
  type Stage,
} from '../../lib/flow/index.ts';

const API = fileURLToPath(new URL('../../lib/flow/stage.ts', import.meta.url));

export class FolderProject {
  readonly dir = realpathSync(mkdtempSync(join(tmpdir(), 'rankloom-folder-')));

  /** @param body of the stage's run: `dir` is its folder, `file` the path of its file, `fs` node:fs, `join` that of paths */
  constructor(body: string) {
    writeFileSync(join(this.dir, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(this.dir, 'writes.ts'),
      `
      import fs from 'node:fs';
      import { join } from 'node:path';
      import { defineStage, output } from '${API}';
      const kind = (name: string, folder: boolean) => ({
        name, folder,
        input: (path: string) => ({ kind: name, path }),
        output: (path: string) => ({ path }),
      });
      export default defineStage({
        module: import.meta.url,
        name: 'writes',
        about: 'Writes what the test says.',
        params: () => ({}),
        inputs: () => ({}),
        outputs: {
          dir: output(kind('folder', true), { publish: 'dir' }),
          file: output(kind('file', false), { publish: 'file.txt' }),
        },
        async run({ outputs }) {
          const dir = outputs.dir.path;
          const file = outputs.file.path;
          fs.writeFileSync(file, 'a file');
          ${body}
        },
      });
      `,
    );
  }

  get home(): string {
    return join(this.dir, 'artifacts');
  }

  get store() {
    return openStore(this.home);
  }

  async run(options: Partial<RunOptions> = {}) {
    return runFolder(this.dir, options);
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

async function runFolder(dir: string, options: Partial<RunOptions> = {}) {
  const stage: Stage = (await import(pathToFileURL(join(dir, 'writes.ts')).href)).default;
  const events: FlowEvent[] = [];
  const graph = buildGraph([stage], {}, { seed: 0, root: dir });
  const store = openStore(join(dir, 'artifacts'));
  const result = await run(graph, store, { workers: 1, ...options, onEvent: (e) => events.push(e) });
  return { ...result, events };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , dir, links] = process.argv;
  const { outcome, ran, failed } = await runFolder(dir, { links: links !== 'no-links' }).catch((error) => {
    return { outcome: 'refused', ran: 0, failed: [{ error }] };
  });
  const [first] = failed;
  const started = first?.error.kind;
  process.stdout.write(JSON.stringify({ outcome, ran, kind: started, message: first?.error.message ?? '' }));
}
