/**
 * A run as an RO-Crate 1.1 of the profile Workflow Run Crate 0.5 (with Process Run Crate 0.5 and Workflow RO-Crate
 * 1.0, on which it builds). The workflow is the config with all its values: given to this program, it makes the same
 * outputs again. https://www.researchobject.org/workflow-run-crate/
 */
import type { Plain, RunManifest } from '../../flow/index.ts';
import { count } from '../output/units.ts';

export const WORKFLOW_FILE = 'pipeline.config.json';
export const README_FILE = 'README.md';
export const METADATA_FILE = 'ro-crate-metadata.json';

/** File of the crate, or one that the run read and that stays where it is. */
export interface CrateFile {
  /** Path in the crate; for an input, its name. */
  readonly name: string;
  readonly sha256: string;
  readonly bytes?: number;
}

export interface CrateOptions {
  readonly manifest: RunManifest;
  /** Files of the published outputs, under their names. */
  readonly outputs: readonly CrateFile[];
  /** Files outside the store; they are described, not copied. */
  readonly inputs: readonly CrateFile[];
  /** Time of publication, ISO 8601. */
  readonly publishedAt: string;
}

type Entity = { readonly '@id': string; readonly [key: string]: unknown };

const ref = (id: string) => ({ '@id': id });
const PROFILES: readonly (readonly [string, string, string])[] = [
  ['https://w3id.org/ro/wfrun/process/0.5', 'Process Run Crate', '0.5'],
  ['https://w3id.org/ro/wfrun/workflow/0.5', 'Workflow Run Crate', '0.5'],
  ['https://w3id.org/workflowhub/workflow-ro-crate/1.0', 'Workflow RO-Crate', '1.0'],
];

/** Text of `ro-crate-metadata.json`. */
export function crateMetadata(options: CrateOptions): string {
  const graph = [
    descriptor(),
    root(options),
    ...PROFILES.map(([id, name, version]) => ({ '@id': id, '@type': 'CreativeWork', name, version })),
    ...workflow(options),
    ...program(options.manifest),
    action(options),
    ...inputFiles(options),
    ...values(options.manifest),
    ...outputFiles(options),
    {
      '@id': README_FILE,
      '@type': 'File',
      name: README_FILE,
      about: ref('./'),
      encodingFormat: 'text/markdown',
    },
    {
      '@id': '#license',
      '@type': 'CreativeWork',
      name: 'not stated',
      description: 'To be settled by whoever ran the workflow; the input data may bind them',
    },
  ];
  const context = ['https://w3id.org/ro/crate/1.1/context', 'https://w3id.org/ro/terms/workflow-run/context'];
  return `${JSON.stringify({ '@context': context, '@graph': graph }, null, 2)}\n`;
}

/** Text of the crate's README.md. */
export function crateReadme(manifest: RunManifest): string {
  return [
    `# ${nameOf(manifest)}: run ${manifest.run}`,
    '',
    `Made by ${programName(manifest)}. What is in each file, and how it came to be, stands in \`${METADATA_FILE}\`.`,
    `The same outputs are made again by: \`rankloom run --config ${WORKFLOW_FILE}\``,
    '(relative paths in it count from the folder where it lies).',
    '',
  ].join('\n');
}

function descriptor(): Entity {
  return {
    '@id': METADATA_FILE,
    '@type': 'CreativeWork',
    conformsTo: [
      ref('https://w3id.org/ro/crate/1.1'),
      ref('https://w3id.org/workflowhub/workflow-ro-crate/1.0'),
    ],
    about: ref('./'),
  };
}

function root({ manifest, outputs, publishedAt }: CrateOptions): Entity {
  return {
    '@id': './',
    '@type': 'Dataset',
    name: `${nameOf(manifest)}: run ${manifest.run}`,
    description: `Outputs of ${nameOf(manifest)} and how they were made, by ${programName(manifest)}`,
    datePublished: publishedAt,
    license: ref('#license'),
    conformsTo: PROFILES.map(([id]) => ref(id)),
    mainEntity: ref(WORKFLOW_FILE),
    hasPart: [ref(WORKFLOW_FILE), ref(README_FILE), ...outputs.map(({ name }) => ref(idOf(name)))],
    mentions: ref(actionId(manifest)),
  };
}

function workflow({ manifest, outputs, inputs }: CrateOptions): Entity[] {
  const parameters = leaves(manifest.config ?? {});
  return [
    {
      '@id': WORKFLOW_FILE,
      '@type': ['File', 'SoftwareSourceCode', 'ComputationalWorkflow'],
      name: nameOf(manifest),
      description: 'The config with all its values; it makes the same outputs when it is run again',
      conformsTo: ref('https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE'),
      version: manifest.program?.version,
      encodingFormat: 'application/json',
      programmingLanguage: ref('#language'),
      input: [
        ...inputs.map((_, i) => ref(`#input-${i}`)),
        ...parameters.map(([path]) => ref(parameterId(path))),
      ],
      output: outputs.map((_, i) => ref(`#output-${i}`)),
    },
    ...inputs.map(({ name }, i) => ({ ...parameter(`#input-${i}`, 'File', name), valueRequired: true })),
    ...parameters.map(([path, value]) => ({
      ...parameter(parameterId(path), typeOf(value), path),
      valueRequired: false,
    })),
    ...outputs.map(({ name }, i) => parameter(`#output-${i}`, 'File', name)),
  ];
}

function parameter(id: string, additionalType: string, name: string): Entity {
  return {
    '@id': id,
    '@type': 'FormalParameter',
    additionalType,
    name,
    conformsTo: ref('https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE'),
  };
}

function program(manifest: RunManifest): Entity[] {
  const version = manifest.program?.version;
  return [
    {
      '@id': '#language',
      '@type': 'ComputerLanguage',
      name: `config of ${manifest.program?.name ?? 'rankloom'}`,
      version,
    },
    {
      '@id': '#program',
      '@type': 'SoftwareApplication',
      name: manifest.program?.name ?? 'rankloom',
      softwareVersion: [version, manifest.program?.revision]
        .filter((v) => v !== undefined && v !== null)
        .join(' '),
      softwareRequirements: `Node ${manifest.node ?? ''}, ${manifest.platform ?? ''}`,
    },
    {
      '@id': '#engine-run',
      '@type': 'OrganizeAction',
      name: `${programName(manifest)} at work`,
      instrument: ref('#program'),
      object: ref(WORKFLOW_FILE),
      result: ref(actionId(manifest)),
      ...times(manifest),
    },
  ];
}

function action({ manifest, outputs, inputs }: CrateOptions): Entity {
  const state = manifest.outcome === 'done' ? 'Completed' : 'Failed';
  return {
    '@id': actionId(manifest),
    '@type': 'CreateAction',
    name: `run ${manifest.run}`,
    description: `${count(Object.keys(manifest.targets).length, 'target')} brought up to date by ${programName(manifest)}`,
    instrument: ref(WORKFLOW_FILE),
    ...times(manifest),
    actionStatus: `http://schema.org/${state}ActionStatus`,
    object: [
      ...inputs.map((input) => ref(inputId(input))),
      ...leaves(manifest.config ?? {}).map(([path]) => ref(valueId(path))),
    ],
    result: outputs.map(({ name }) => ref(idOf(name))),
  };
}

function times({ startedAt, endedAt }: RunManifest): { startTime?: string; endTime?: string } {
  const seconds = (time: string | undefined) => time?.replace(/\.\d+Z$/, '+00:00');
  return { startTime: seconds(startedAt), endTime: seconds(endedAt) };
}

function inputFiles({ inputs }: CrateOptions): Entity[] {
  return inputs.map((input, i) => ({
    '@id': inputId(input),
    '@type': 'CreativeWork',
    name: input.name,
    description:
      'A file or folder that the run read; it is told by its hash, a folder by that of its listing, and not part of this crate',
    identifier: `sha256:${input.sha256}`,
    sha256: input.sha256,
    exampleOfWork: ref(`#input-${i}`),
  }));
}

function values(manifest: RunManifest): Entity[] {
  return leaves(manifest.config ?? {}).map(([path, value]) => ({
    '@id': valueId(path),
    '@type': 'PropertyValue',
    name: path,
    value: typeof value === 'object' ? JSON.stringify(value) : value,
    exampleOfWork: ref(parameterId(path)),
  }));
}

function outputFiles({ outputs }: CrateOptions): Entity[] {
  return outputs.map(({ name, sha256, bytes }, i) => ({
    '@id': idOf(name),
    '@type': 'File',
    name,
    contentSize: String(bytes),
    encodingFormat: formatOf(name),
    sha256,
    exampleOfWork: ref(`#output-${i}`),
  }));
}

const FORMATS: Readonly<Record<string, string>> = {
  arrow: 'application/vnd.apache.arrow.file',
  parquet: 'application/vnd.apache.parquet',
  html: 'text/html',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
  csv: 'text/csv',
};

function formatOf(name: string): string {
  return FORMATS[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
}

/** Values of a config with their keys; a list is one value. */
function leaves(value: Plain | undefined, path = ''): [string, Plain][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return value === undefined ? [] : [[path, value]];
  return Object.entries(value).flatMap(([key, v]) =>
    leaves(v as Plain, path === '' ? key : `${path}.${key}`),
  );
}

function typeOf(value: Plain): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'Integer' : 'Float';
  return typeof value === 'boolean' ? 'Boolean' : 'Text';
}

const nameOf = ({ study, configFile }: RunManifest) => study ?? configFile ?? 'a study';
const programName = ({ program: p }: RunManifest) =>
  p === undefined ? 'rankloom' : `${p.name} ${p.version}`;
const actionId = ({ run }: RunManifest) => `#run-${run}`;
const inputId = ({ sha256 }: CrateFile) => `urn:sha256:${sha256}`;
const parameterId = (path: string) => `#parameter-${encodeURIComponent(path)}`;
const valueId = (path: string) => `#value-${encodeURIComponent(path)}`;
/** Relative URI of a path. */
const idOf = (name: string) => name.split('/').map(encodeURIComponent).join('/');
