/** Identity of the study that a command is about, by its config file. */
import { basename } from 'node:path';
import { configError } from '../../errors.ts';
import type { StudyId } from '../../flow/index.ts';
import { isStudyName, STUDY_NAME_RULE } from '../../flow/runs/studies.ts';

/**
 * Identity of a study. Throws a config error if its name cannot be used.
 *
 * @param path path of the config file
 * @param config its values; they may be unchecked
 */
export function studyIdOf(path: string, config: unknown): StudyId {
  const given = (config as { name?: unknown } | undefined)?.name;
  const isGiven = given !== undefined;
  const name = isGiven ? given : nameOfFile(path);
  if (typeof name === 'string' && isStudyName(name)) return { name, config: path, isGiven };
  throw configError(
    isGiven
      ? `the study cannot be called ${JSON.stringify(name)}`
      : `the study cannot be called after its config file ${JSON.stringify(basename(path))}`,
    {
      where: path,
      expected: STUDY_NAME_RULE,
      hint: isGiven ? undefined : "name the study in the config, for example with name: 'blood'",
    },
  );
}

/**
 * Name of a study from its config file: `atlas` for `atlas.config.ts`, `c` for `c.json`. Characters that no study may
 * have in its name are replaced or removed.
 */
function nameOfFile(path: string): string {
  const name = basename(path).replace(/(\.config)?\.[^.]*$/, '');
  return name.replace(/[\\\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, '-').replace(/^[. ]+|[. ]+$/g, '');
}
