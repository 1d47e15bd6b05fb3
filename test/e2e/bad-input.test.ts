/** Bad input ends in exit code 2 with one clear message, and leaves nothing under latest/. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { type H5adSpec, writeH5ad } from '../helpers/h5ad.ts';
import { Project, sharedData } from '../helpers/project.ts';

interface Case {
  /** What the message must say, in any order. */
  says: RegExp[];
  skip?: string | false;
  make(project: Project): Promise<void> | void;
}

/** 40 cells of two types × 30 genes with small counts. */
function atlas(): H5adSpec {
  const values = Array.from({ length: 40 }, (_, i) =>
    Float32Array.from({ length: 30 }, (_, g) =>
      (i * 7 + g * 3 + (i % 2) * g) % 5 === 0 ? 1 + ((i + g) % 4) : 0,
    ),
  );
  return {
    x: { values },
    obs: {
      cell_type: values.map((_, i) => (i % 2 === 0 ? 'T cell' : 'B cell')),
      n_counts: values.map((_, i) => i + 0.5),
      barcode: values.map((_, i) => `b${i}`),
    },
  };
}

async function use(project: Project, spec: H5adSpec, dataset: Record<string, unknown> = {}): Promise<void> {
  await writeH5ad(project.path('atlas.h5ad'), spec);
  project.config.dataset = { source: 'atlas.h5ad', label: 'cell_type', ...dataset };
  project.config.subset = { minGenes: 0, minCellsPerGene: 0, minCellsPerType: 10, cellsPerType: 20 };
  project.config.hvg = { flavor: 'none' };
}

function withValue(value: number, { everywhere = false } = {}): H5adSpec {
  const spec = atlas();
  const rows = (spec.x as { values: Float32Array[] }).values;
  if (everywhere) for (const row of rows) for (let g = 0; g < row.length; g++) row[g] = Math.log1p(row[g]);
  else rows[3][4] = value;
  return spec;
}

const cases: Record<string, Case> = {
  'no such file': {
    says: [/no such file/i, /nowhere\.h5ad/],
    make: (p) => {
      p.config.dataset = { source: 'nowhere.h5ad', label: 'cell_type' };
    },
  },
  'not HDF5': {
    says: [/not (an )?HDF5|not an \.h5ad/i, /atlas\.h5ad/],
    async make(p) {
      await use(p, atlas());
      writeFileSync(p.path('atlas.h5ad'), 'cell,gene\n1,2\n');
    },
  },
  truncated: {
    says: [/truncated|incomplete|cut off/i],
    async make(p) {
      await use(p, atlas());
      truncateSync(p.path('atlas.h5ad'), Math.floor(statSync(p.path('atlas.h5ad')).size / 2));
    },
  },
  'LZF compression': shared('encodings/pbmc3k_200_csc_f64_lzf.h5ad', [/lzf/i]),
  'Blosc compression': shared('encodings/pbmc3k_200_csr_f32_blosc.h5ad', [/blosc/i]),
  'no such label column': {
    says: [/cel_type/, /cell_type/, /barcode/],
    make: (p) => use(p, atlas(), { label: 'cel_type' }),
  },
  'a numeric label column': {
    says: [/n_counts/, /number/i],
    make: (p) => use(p, atlas(), { label: 'n_counts' }),
  },
  'a label that is unique per cell': {
    says: [/barcode/, /unique|distinct|of its own|different/i],
    make: (p) => use(p, atlas(), { label: 'barcode' }),
  },
  'a negative count': { says: [/-2/, /cell3/, /gene4/], make: (p) => use(p, withValue(-2)) },
  'a count that is NaN': { says: [/NaN/, /cell3/, /gene4/], make: (p) => use(p, withValue(Number.NaN)) },
  'a count that is no integer': { says: [/2\.5/, /cell3/, /gene4/], make: (p) => use(p, withValue(2.5)) },
  'log-normalised values': {
    says: [/log/i, /counts/],
    make: (p) => use(p, withValue(0, { everywhere: true })),
  },
  'no type with enough cells': {
    says: [/minCellsPerType/, /T cell/, /20/],
    async make(p) {
      await use(p, atlas());
      p.config.subset = { ...p.config.subset, minCellsPerType: 500 };
    },
  },
  'an unknown kind of encoding': {
    says: [/pipeline\.config\.json:\d+:\d+/, /"?rnak"?/, /did you mean "rank"/],
    make: (p) => {
      p.config.encodings.rank = { kind: 'rnak' };
    },
  },
  'an unknown name in a measure': {
    says: [/pipeline\.config\.json:\d+:\d+/, /did you mean "rank"/],
    make: (p) => {
      p.config.measures['rank-spearman'] = { of: 'rnk', metric: 'spearman' };
    },
  },
  'an unknown name in an embedding': {
    says: [/pipeline\.config\.json:\d+:\d+/, /did you mean "expression"/],
    make: (p) => {
      p.config.embeddings.expressionUmap.of = 'expresion';
    },
  },
  'an unknown measure in joint': {
    says: [/pipeline\.config\.json:\d+:\d+/, /did you mean "rank-spearman"/],
    make: (p) => {
      p.config.joint = [['expression-umap', 'rank-spearmann']];
    },
  },
  'a UMAP whose minDist is above its spread': {
    says: [/pipeline\.config\.json:\d+:\d+/, /minDist 2/, /at most 1/],
    make: (p) => {
      p.config.embeddings.expressionUmap.minDist = 2;
    },
  },
  'a measure paired with itself': {
    says: [/pipeline\.config\.json:\d+:\d+/, /paired with itself/],
    make: (p) => {
      p.config.joint = [['rank-spearman', 'rank-spearman']];
    },
  },
  'several mistakes at once': {
    says: [/tpo/, /metrik|metric/, /minGene\b/],
    make: (p) => {
      p.config.hvg = { flavor: 'seurat', tpo: 5 };
      p.config.subset.minGene = 3;
      p.config.measures['rank-spearman'] = { of: 'rank', metric: 'metrik' };
    },
  },
};

function shared(name: string, says: RegExp[]): Case {
  const { path, skip } = sharedData(name);
  return {
    says,
    skip,
    make(p) {
      copyFileSync(path, p.path('atlas.h5ad'));
      p.config.dataset = { source: 'atlas.h5ad', label: 'cell_type' };
    },
  };
}

for (const [name, { says, skip, make }] of Object.entries(cases)) {
  test(`${name}: exit code 2, a clear message, nothing under latest/`, { skip }, async () => {
    const project = new Project();
    try {
      await make(project);
      const { code, stdout, stderr } = await project.rankloom('run');
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      for (const pattern of says) assert.match(stderr, pattern);
      assert.doesNotMatch(stderr, /^\s+at .*:\d+:\d+\)?$/m, 'no stack trace');
      assert.equal(stderr.match(/^error: /gm)?.length ?? 0, 1, stderr);
      assert.ok(!existsSync(project.path('artifacts', 'latest')), 'nothing under latest/');
    } finally {
      project.remove();
    }
  });
}

test('the small atlas itself is fine', async () => {
  const project = new Project();
  await use(project, atlas());
  const { code, stderr } = await project.run();
  assert.equal(code, 0, stderr);
  project.remove();
});
