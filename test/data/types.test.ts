/** What TypeScript infers for stages from their declared kinds. The checks run in `npm run typecheck`. */
import { test } from 'node:test';
import { z } from 'zod';
import { embedding } from '../../lib/data/kinds/embedding.ts';
import { matrix } from '../../lib/data/kinds/matrix.ts';
import { neighbors } from '../../lib/data/kinds/neighbors.ts';
import { parquet } from '../../lib/data/kinds/parquet.ts';
import { tokens } from '../../lib/data/kinds/tokens.ts';
import type {
  EmbeddingInput,
  FilesOutput,
  JsonInput,
  MatrixInput,
  MatrixOutput,
  Neighbors,
  TokensInput,
} from '../../lib/data/kinds/types.ts';
import { files } from '../../lib/flow/kinds/files.ts';
import { json } from '../../lib/flow/kinds/json.ts';
import { table } from '../../lib/flow/kinds/table.ts';
import { text } from '../../lib/flow/kinds/text.ts';
import { defineStage, type ExternalFile, from, fromFile, output } from '../../lib/flow/stage.ts';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const expectTrue = <T extends true>(_?: T): void => {};

const cellTable = table({
  cell_id: 'utf8',
  label: 'utf8?',
  n_genes: 'int32',
  total: 'float64',
  gone: 'int32?',
});
interface Catalog {
  nnz: number;
}

test('a stage sees the types of its inputs, outputs, params and parts', () => {
  const stage = defineStage({
    module: import.meta.url,
    name: 'toy',
    about: 'Declares one of everything.',
    config: { toy: z.object({ level: z.number() }) },
    params: (config: { toy: { level: number; path?: string } }) => ({ level: config.toy.level, kind: 'a' }),
    inputs: (config, instance) => ({
      counts: from('subset.counts', matrix()),
      rows: from(`encode[${instance}].encoded`, matrix(), embedding()),
      cells: from('subset.cells', cellTable),
      catalog: from('load.catalog', json<Catalog>()),
      all: ['a', 'b'].map((name) => from(`similarity[${name}].pairs`, parquet({ median: 'float64?' }))),
      source: config.toy.path === undefined ? undefined : fromFile(config.toy.path),
      neighbors: from('neighbors[x].neighbors', neighbors()),
      tokens: from('encode[x].tokens', tokens()),
    }),
    outputs: {
      cells: output(cellTable, { publish: 'cells.arrow' }),
      counts: output(matrix()),
      page: output(text('.html')),
      figures: output(files()),
    },
    parts: {
      outputs: { share: output(json<{ sum: number }>()) },
      async plan({ inputs, params, rounds, round }) {
        expectTrue<Equal<typeof inputs.counts, MatrixInput>>();
        expectTrue<Equal<typeof params.level, number>>();
        expectTrue<Equal<typeof round, number>>();
        expectTrue<Equal<(typeof rounds)[number][number]['share'], JsonInput<{ sum: number }>>>();
        return [];
      },
      async run({ outputs, inputs }) {
        expectTrue<Equal<typeof inputs.tokens, TokensInput>>();
        await outputs.share.write({ sum: 1 });
      },
    },
    async run({ inputs, outputs, params, rounds }) {
      expectTrue<Equal<typeof inputs.counts, MatrixInput>>();
      expectTrue<Equal<typeof inputs.rows, MatrixInput | EmbeddingInput>>();
      expectTrue<Equal<typeof inputs.catalog, JsonInput<Catalog>>>();
      expectTrue<Equal<typeof inputs.source, ExternalFile | undefined>>();
      expectTrue<Equal<typeof inputs.tokens, TokensInput>>();
      expectTrue<Equal<typeof outputs.counts, MatrixOutput>>();
      expectTrue<Equal<typeof outputs.figures, FilesOutput>>();
      expectTrue<Equal<typeof params.level, number>>();
      expectTrue<Equal<(typeof rounds)[number][number]['share'], JsonInput<{ sum: number }>>>();

      const cells = await inputs.cells.read();
      expectTrue<Equal<typeof cells.cell_id, string[]>>();
      expectTrue<Equal<typeof cells.label, (string | null)[]>>();
      expectTrue<Equal<typeof cells.n_genes, Int32Array>>();
      expectTrue<Equal<typeof cells.total, Float64Array>>();
      expectTrue<Equal<typeof cells.gone, Float64Array>>();

      if (inputs.rows.kind === 'matrix') {
        expectTrue<Equal<typeof inputs.rows, MatrixInput>>();
      } else {
        expectTrue<Equal<typeof inputs.rows, EmbeddingInput>>();
      }
      const pairs = await Promise.all(inputs.all.map((input) => input.read()));
      expectTrue<Equal<(typeof pairs)[number]['median'], Float64Array>>();
      const near = await inputs.neighbors.read();
      expectTrue<Equal<typeof near, Neighbors>>();

      await outputs.cells.write(cells);
      await outputs.page.write('<p>');
      // @ts-expect-error: a column is missing
      await outputs.cells.write({ cell_id: [] });
      // @ts-expect-error: no such input
      inputs.nothing;
      // @ts-expect-error: no such column
      cells.nothing;
    },
  });
  expectTrue<Equal<(typeof stage)['name'], string>>();
});
