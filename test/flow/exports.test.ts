/** The public surface of the framework: a snapshot of its names, and what is said of each. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const flow = fileURLToPath(new URL('../../lib/flow/', import.meta.url));

/** What stages import: lib/flow/declare.ts. */
const DECLARE = `
  ActionFacts AnyKind ArtifactRef BytesInput BytesOutput ColumnData ColumnType Columns ConfigFor ConfigProblem Context DefineStage
  ExternalFile ExternalFolder FileRef FilesInput FilesOutput FolderRef InputDeclaration InputDeclarations Inputs JsonInput
  JsonOutput Kind Needs OutputDeclaration Outputs Part PartInputs Parts PathRef Plain RandomSource RandomStream Schema Stage
  StageDefinition TableInput TableOutput TextInput TextOutput bytes defineStage files from fromFile fromFolder fromPath json
  output stagesFor table text`;
/** What programs that run pipelines import besides: lib/flow/index.ts. */
const INDEX = `
  Cause Damage Decider Decision Difference FlowEvent Forecast GcOptions GcResult Graph GraphOptions HintName Hints InputSource
  ManifestTarget OutputChange Pipeline PipelineConfig PipelineResult PipelineRunOptions PlanFile PlanOptions RandomStream
  Recomputation RecomputeOptions Resolved RunDiff RunEntry RunManifest RunOptions RunOutcome RunOutputs RunResult Shown State Store
  StudyId StudyPlace Target TargetForecast Verification brokenPlan buildGraph changesSince decide describeCause describeCauses
  describeCausesFor diffRuns enforcePlan findRecord findRun firstError forecast gc listRuns makePlan matchTargets openStore parsePlan
  pipeline placeOfStudy provideHints randomSource resolveAll run selectTargets shortId shownIn shownOf studyNames verify`;

const DECLARATION = /^export (?:async )?(?:function|class|const|interface|type) (\w+)\b/gm;

interface Exported {
  readonly name: string;
  readonly file: string;
}

/** All names that a module exports, with the files that declare them. */
function exportsOf(file: string): Exported[] {
  const text = readFileSync(file, 'utf8');
  const lists = text.matchAll(/^export (?:type )?(\*|\{[^}]*\}) from '([^']+)';/gm);
  const own = [...text.matchAll(DECLARATION)].map(([, name]) => ({ name, file }));
  const others = [...lists].flatMap(([, names, path]) => {
    const from = join(dirname(file), path);
    if (names === '*') return exportsOf(from);
    const list = names.slice(1, -1).split(',');
    return list.map((name) => ({ name: name.trim().replace(/^type /, ''), file: from }));
  });
  return [...own, ...others].filter(({ name }) => name !== '');
}

const wordsOf = (text: string) => text.trim().split(/\s+/).sort();
const namesOf = (all: readonly Exported[]) => [...new Set(all.map(({ name }) => name))].sort();
const declare = exportsOf(join(flow, 'declare.ts'));
const index = exportsOf(join(flow, 'index.ts'));

test('the framework exports these names and no others', () => {
  assert.deepEqual(namesOf(declare), wordsOf(DECLARE));
  const names = [...new Set([...wordsOf(DECLARE), ...wordsOf(INDEX)])].sort();
  assert.deepEqual(namesOf(index), names);
});

test('what it exports as values is there', async () => {
  const values = Object.keys(await import('../../lib/flow/index.ts'));
  assert.deepEqual(
    values.filter((name) => !namesOf(index).includes(name)),
    [],
  );
  // Values begin with a small letter; classes are named one by one.
  const expected = namesOf(index).filter((name) => /^[a-z]/.test(name));
  assert.deepEqual([...expected, 'Decider', 'RandomStream'].sort(), values.sort());
});

test('of each it is said what it is: in a noun phrase, or in an imperative', () => {
  const wrong = index.flatMap(({ name, file }) => {
    const text = readFileSync(file, 'utf8');
    const found = [...text.matchAll(DECLARATION)].find(([, one]) => one === name);
    const before = text.slice(0, found?.index).replace(/\/\/ biome-ignore.*\n$/, '');
    const said = /\/\*\*\s*(?:\*\s*)?((?:(?!\*\/)[\s\S])*)\*\/\n$/.exec(before)?.[1];
    if (found === undefined || said === undefined) return [`${name}: nothing is said`];
    return /^(What|Who|Whoever|How|Where|Why|Whether|As|By|That|Whose|@)\b/.test(said)
      ? [`${name}: ${said}`]
      : [];
  });
  assert.deepEqual(wrong, []);
});
