/** Data and dictionaries of an encoding that do not fit: exit code 2, and one message that says what to do. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { writeH5ad } from '../helpers/h5ad.ts';
import { Project } from '../helpers/project.ts';

const GENES = 30;
const ensembl = (g: number) => `ENSG${String(g).padStart(11, '0')}`;
const symbols = (g: number) => `CD${g}A`;

interface Case {
  readonly ids?: (gene: number) => string;
  readonly log?: boolean;
  readonly encoding: (project: Project) => Record<string, unknown>;
  readonly says: readonly RegExp[];
}

function json(project: Project, name: string, content: object): string {
  writeFileSync(project.path(name), JSON.stringify(content));
  return name;
}

const numbers = (genes: number, value: (g: number) => number) =>
  Object.fromEntries(Array.from({ length: genes }, (_, g) => [ensembl(g), value(g)]));

function geneformer(project: Project, medians = GENES): Record<string, unknown> {
  return {
    kind: 'geneformer',
    tokens: json(
      project,
      'tokens.json',
      numbers(GENES, (g) => g),
    ),
    medians: json(
      project,
      'medians.json',
      numbers(medians, () => 1),
    ),
  };
}

/** A 1-byte header is all that .npy needs beside its shape. */
function npy(project: Project, shape: number[]): string {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const start = Buffer.alloc(10);
  start.write('\x93NUMPY\x01', 'latin1');
  start.writeUInt16LE(header.length, 8);
  const values = Buffer.alloc(4 * shape.reduce((a, b) => a * b));
  writeFileSync(project.path('vectors.npy'), Buffer.concat([start, Buffer.from(header), values]));
  return 'vectors.npy';
}

const cases: Record<string, Case> = {
  'no gene in common with a dictionary': {
    ids: symbols,
    encoding: (p) => geneformer(p),
    says: [/none of the \d+ genes/, /"CD\dA"/, /"ENSG00000000000"/, /gene symbols/, /dataset\.geneId/],
  },
  'no gene in common with a list of symbols': {
    ids: ensembl,
    encoding: (p) => ({ kind: 'scfoundation', index: json(p, 'index.json', { CD3E: 0, CD8A: 1 }) }),
    says: [/none of the \d+ genes/, /"CD3E"/, /"ENSG\d+"/, /human Ensembl ids/, /gene_symbol/],
  },
  'mixed ids': {
    ids: (g) => (g % 3 === 0 ? symbols(g) : ensembl(g)),
    encoding: (p) => geneformer(p),
    says: [/mixed ids: 20 look like Ensembl ids, 10 do not/, /"ENSG\d+" and "CD0A"/, /`names`/],
  },
  'missing medians': {
    ids: ensembl,
    encoding: (p) => geneformer(p, GENES - 1),
    says: [/ENSG00000000029 has a token, but no median/, /medians\.json/],
  },
  'no medians at all': {
    ids: ensembl,
    encoding: (p) => ({ ...geneformer(p), medians: undefined }),
    says: [/medians/, /pipeline\.config\.json:\d+/],
  },
  'a gene matrix with another number of rows than genes': {
    ids: ensembl,
    encoding(p) {
      writeFileSync(p.path('names.txt'), Array.from({ length: GENES }, (_, g) => ensembl(g)).join('\n'));
      return { kind: 'genept-w', vectors: npy(p, [GENES - 1, 4]), names: 'names.txt' };
    },
    says: [/has 29 rows and 4 columns/, /30 rows, one for each gene of .*names\.txt/],
  },
  'a gene matrix that is none': {
    ids: ensembl,
    encoding(p) {
      writeFileSync(p.path('names.txt'), Array.from({ length: GENES }, (_, g) => ensembl(g)).join('\n'));
      return { kind: 'genept-w', vectors: npy(p, [GENES, 2, 2]), names: 'names.txt' };
    },
    says: [/vectors\.npy/, /dimension|shape|matrix/],
  },
  'log-normalised values where counts are needed': {
    log: true,
    encoding: () => ({ kind: 'scgpt' }),
    says: [/X/, /count/, /whole|integer/],
  },
};

for (const [name, { ids = ensembl, log = false, encoding, says }] of Object.entries(cases)) {
  test(`${name}: exit code 2 and a clear message`, async () => {
    const project = new Project();
    try {
      const values = Array.from({ length: 40 }, (_, i) =>
        Float32Array.from({ length: GENES }, (_, g) => {
          const count = (i * 7 + g * 3 + (i % 2) * g) % 5 === 0 ? 1 + ((i + g) % 4) : 0;
          return log ? Math.log1p(count) : count;
        }),
      );
      await writeH5ad(project.path('atlas.h5ad'), {
        x: { values },
        obs: { cell_type: values.map((_, i) => (i % 2 === 0 ? 'T cell' : 'B cell')) },
        genes: Array.from({ length: GENES }, (_, g) => ids(g)),
      });
      project.config.dataset = { source: 'atlas.h5ad', label: 'cell_type' };
      project.config.subset = { minGenes: 0, minCellsPerGene: 0, minCellsPerType: 10, cellsPerType: 20 };
      project.config.hvg = { flavor: 'none' };
      project.config.encodings.mine = encoding(project);
      const { code, stderr } = await project.rankloom('run', 'encode[mine]');
      assert.equal(code, 2, stderr);
      for (const pattern of says) assert.match(stderr, pattern);
      assert.doesNotMatch(stderr, /^\s+at .*:\d+:\d+\)?$/m, 'no stack trace');
      assert.ok(!existsSync(project.path('artifacts', 'latest')), 'nothing under latest/');
    } finally {
      project.remove();
    }
  });
}
