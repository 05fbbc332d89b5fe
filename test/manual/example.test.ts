/** What a manual shows as output is output: of the recorded traces, as the golden tests hold it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

function literalBlocks(page: string): string[] {
  return [...readFileSync(page, 'utf8').matchAll(/^\.Bd -literal.*\n([\s\S]*?)^\.Ed$/gm)].map(
    (block) => block[1]!,
  );
}

test('the worked example of pgtrace(7) is what the pipeline prints', () => {
  const golden = new Set(readFileSync('fixtures/trace/15.txt', 'utf8').split('\n'));
  const shown = literalBlocks('man/pgtrace.7')
    .flatMap((block) => block.split('\n'))
    .filter((line) => /^\d\d:\d\d:\d\d\./.test(line));
  assert.ok(shown.length > 0, 'pgtrace(7) has no example');
  assert.deepEqual(
    shown.filter((line) => !golden.has(line)),
    [],
  );
});

test('the event of pgtrace-events(5) is JSON that the schema knows', () => {
  const block = literalBlocks('man/pgtrace-events.5').find((text) => text.startsWith('{'));
  const event = JSON.parse(block ?? '');
  assert.deepEqual([event.type, event.pg.kind], ['syscall', 'relation']);
});
