/** Texts on single events, the same in every view for people. */
import { never } from '../../errors.ts';
import type { FlowEvent } from '../../flow/index.ts';
import { asBug, renderError } from '../failure.ts';
import { paint } from '../output/ui.ts';
import { count, duration } from '../output/units.ts';

const green = (text: string) => paint('green', text, process.stderr);
const red = (text: string) => paint('red', text, process.stderr);
const yellow = (text: string) => paint('yellow', text, process.stderr);
const dim = (text: string) => paint('dim', text, process.stderr);

/** Lines that stay when an event has passed; undefined if it leaves none. */
export function lastingLines(event: FlowEvent): string | undefined {
  switch (event.type) {
    case 'target-finished': {
      const same = event.unchanged ? dim('  same as before') : '';
      return `${green('✓')} ${event.target}  ${duration(event.durationMs)}${same}`;
    }
    case 'target-failed': {
      const { kind } = event.error;
      const error = kind === 'internal' ? asBug(event.error) : event.error;
      return `${red('✗')} ${event.target} failed\n${renderError(error)}`;
    }
    case 'warning':
      return `${yellow('warning:')} ${event.message}`;
    case 'action-retried': {
      const { target, action } = event;
      const what = `${target} (${action}) gave way, for the run was over its memory budget`;
      return `${yellow('warning:')} ${what}; it starts again when nothing else runs`;
    }
    case 'nondeterministic': {
      const { target, action, outputs, kept } = event;
      const what = `${target} (${action}) gave other bytes than before for ${outputs.join(', ')}, from the same inputs, params and code`;
      const then = kept === 'first' ? 'the first are kept' : 'the first are gone, so these are kept';
      return `${yellow('warning:')} ${what}; ${then}. Its stage is not deterministic: nothing that rests on it can be reproduced`;
    }
    case 'draining':
      return event.running === 0
        ? 'Stopping.'
        : `Stopping: ${count(event.running, 'running target')} will finish. Press Ctrl-C again to stop at once.`;
    case 'ending': {
      const by = event.by === undefined ? '' : `${event.by}: `;
      return event.running === 0
        ? `${by}stopping.`
        : `${by}${count(event.running, 'running target')} will be ended now.`;
    }
    case 'waiting':
      return yellow(event.text);
    case 'output':
      return `  ${dim(`${event.target} |`)} ${printable(event.text)}`;
    case 'run-finished':
      return finalLine(event);
    case 'run-started':
    case 'target-cached':
    case 'target-started':
    case 'action-started':
    case 'action-progress':
    case 'action-finished':
    case 'parts-planned':
    case 'target-blocked':
    case 'hashing':
      return undefined;
    default:
      return never(event);
  }
}

/** Removes control sequences that would move the cursor, clear the screen or ring. */
function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
}

function finalLine({
  outcome,
  ran,
  cached,
  failed,
  blocked,
  durationMs,
}: FlowEvent & { type: 'run-finished' }): string {
  const all = ran + cached + failed + blocked;
  if (outcome === 'done' && ran === 0) return `Nothing to do: ${count(all, 'target')} up to date.`;
  const words = [`${ran} computed`, `${cached} reused`];
  if (failed > 0) words.push(`${failed} failed`);
  if (blocked > 0) words.push(`${blocked} blocked`);
  const verb = { done: 'Done', failed: 'Failed', interrupted: 'Stopped' }[outcome];
  const advice =
    outcome === 'done' || ran === 0 ? '' : ' What has finished is in the store: run again to resume.';
  return `${verb} in ${duration(durationMs)}: ${words.join(', ')}.${advice}`;
}
