/**
 * The one way in which functions of a declaration are called, and what they give is looked at: whatever is thrown there, and
 * by whichever trap or getter, is told as a mistake of the stage. Of a stage that comes with the framework it is a bug.
 */
import { configError, isOperational, type OperationalError, shown, toErrorInfo } from '../../errors.ts';
import { isFramework } from '../code/framework.ts';
import type { Stage } from '../stage.ts';
import { fileOf, placeOf } from './place.ts';
import { isPackage, placesOf } from './stack-places.ts';

/** What is asked of a declaration, for messages. */
export interface Question {
  readonly stage: Stage;
  /** Who asks: a target, or `stage x`. */
  readonly id: string;
  /** The property of the declaration, as `params()` or `needs.memory()`. */
  readonly property: string;
  /** Where the declaration says it; default: the last name of `property`. */
  readonly word?: string;
}

/**
 * What a function of a declaration gives. To be checked within `ask`, so that what throws as it is looked at is told too.
 * Refusals pass as they are.
 */
export function asked<T>(question: Question, ask: () => T): T {
  try {
    return ask();
  } catch (error) {
    throw mistake(question, error);
  }
}

/** As `asked`, of a function that gives a promise. */
export async function askedLater<T>(question: Question, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw mistake(question, error);
  }
}

/** A refusal of what a function of a declaration gives. */
export function gives(question: Question, answer: unknown, expected: string): OperationalError {
  // An async function, which may have failed besides: one message is enough.
  if (answer instanceof Promise) answer.catch(() => {});
  const { stage, id, property } = question;
  return refused(stage, `${id}: ${property} gives ${shown(answer)}`, expected, { word: wordOf(question) });
}

const wordOf = ({ property, word }: Question) => word ?? /(\w+)(?:\(\))?$/.exec(property)?.[1];

function mistake(question: Question, error: unknown): unknown {
  const { stage, id, property } = question;
  if (isOperational(error) || isFramework(fileOf(stage))) return error;
  const { message, stack } = toErrorInfo(error);
  const isCall = property.endsWith('()');
  return configError(`${id}: ${property} ${isCall ? 'failed' : 'cannot be used'}: ${message}`, {
    expected: isCall
      ? `${property.slice(0, -2)} gives its value for every config that the schemas accept`
      : undefined,
    where: placeIn(stack, fileOf(stage)) ?? placeOf(stage, wordOf(question)),
    cause: error,
  });
}

/** The innermost place of a stack in the stage's file, or else in whatever file of the user's threw; none if code of ours did. */
function placeIn(stack: string | undefined, file: string): string | undefined {
  const places = placesOf(stack);
  const innermost = places.find((place) => !place.startsWith('node:') && !isPackage(place));
  return (
    places.find((place) => place.startsWith(`${file}:`)) ??
    (innermost === undefined || isFramework(innermost) ? undefined : innermost)
  );
}

/**
 * A mistake in what a stage declares, with file and line.
 *
 * @param word the property of the declaration that is wrong, such as a slot; default: the stage's name
 */
export function refused(
  stage: Stage,
  message: string,
  expected: string,
  { hint, word, cause }: { hint?: string; word?: string; cause?: unknown } = {},
): OperationalError {
  return configError(message, { expected, where: placeOf(stage, word), hint, cause });
}
