/** Adds a member to a registry of a copied project: one new file and one line. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Project } from '../helpers/project.ts';

/** @param added the new file and its text; the registry's file and its new line */
export function register(
  project: Project,
  added: { file: string; text: string; registry: string; line: string },
): void {
  mkdirSync(dirname(project.path(added.file)), { recursive: true });
  writeFileSync(project.path(added.file), added.text, { flag: 'wx' });
  appendFileSync(project.path(added.registry), `${added.line}\n`);
}
