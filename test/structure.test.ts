/** The rules of ARCHITECTURE.md that no compiler checks: which folder imports which, and clean man pages. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';
import { test } from 'node:test';

/** What a folder of src is made of, besides itself. `pgtrace` composes them all. */
const MADE_OF: Readonly<Record<string, readonly string[]>> = {
  event: [],
  postgres: [],
  cli: [],
  stream: ['event'],
  listing: ['event'],
  parse: ['event', 'stream', 'cli'],
  resolve: ['event', 'stream', 'cli', 'postgres', 'listing'],
  format: ['event', 'stream', 'cli'],
  view: ['event', 'stream', 'cli', 'format'],
  snapshot: ['cli', 'postgres', 'resolve'],
  attach: ['event', 'stream', 'cli', 'parse', 'postgres', 'listing'],
  pgtrace: ['event', 'stream', 'cli', 'attach', 'parse', 'resolve', 'format', 'view'],
};

/** Where the file system and other processes are touched; the rest computes. */
const EDGES = [
  /^(attach|snapshot|pgtrace)\//,
  /^[a-z]+\/([a-z]+\/)?(main|run)\.ts$/,
  /^cli\/version\.ts$/,
  /^parse\/sources\.ts$/,
  /^view\/(reading|pipe)\.ts$/,
  /^view\/top\/terminal\.ts$/,
  /^resolve\/(files-directory|files-archive|discover|view)\.ts$/,
];

const OUTSIDE = /^node:(fs|fs\/promises|child_process|net|http|https|worker_threads)$/;

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

function importsOf(file: string): string[] {
  const text = readFileSync(join('src', file), 'utf8');
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map((found) => found[1]!);
}

function folderOf(path: string): string {
  return path.split(sep)[0]!;
}

test('a folder imports only what it is made of', () => {
  const crossed = sources.flatMap((file) => {
    const folder = folderOf(file);
    const allowed = MADE_OF[folder];
    assert.ok(allowed, `src/${folder} is not in the layout`);
    return importsOf(file)
      .filter((name) => name.startsWith('.'))
      .map((name) => folderOf(normalize(join(file, '..', name))))
      .filter((other) => other !== folder && !allowed.includes(other))
      .map((other) => `${file} imports ${other}`);
  });
  assert.deepEqual(crossed, []);
});

test('files and processes are touched at the edges only', () => {
  const touched = sources
    .filter((file) => !EDGES.some((edge) => edge.test(file.split(sep).join('/'))))
    .flatMap((file) =>
      importsOf(file).flatMap((name) => (OUTSIDE.test(name) ? `${file} imports ${name}` : [])),
    );
  assert.deepEqual(touched, []);
});

test('the event contract needs nothing installed', () => {
  const foreign = sources
    .filter((file) => folderOf(file) === 'event')
    .flatMap((file) => importsOf(file).filter((name) => !name.startsWith('.')));
  assert.deepEqual(foreign, []);
});

const pages = readdirSync('man').map((page) => join('man', page));
const sections: Readonly<Record<string, readonly string[]>> = {
  '1': ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXIT STATUS', 'EXAMPLES', 'SEE ALSO', 'BUGS'],
  '5': ['NAME', 'DESCRIPTION', 'EXAMPLES', 'SEE ALSO', 'BUGS'],
  '7': ['NAME', 'DESCRIPTION', 'EXAMPLES', 'SEE ALSO', 'BUGS'],
};

test('a man page has the sections that a system administrator expects', () => {
  for (const page of pages) {
    const found = [...readFileSync(page, 'utf8').matchAll(/^\.Sh (.+)$/gm)].map((section) => section[1]);
    for (const section of sections[page.slice(-1)]!)
      assert.ok(found.includes(section), `${page}: no ${section}`);
  }
});

/** What says something of this machine, or of a section name that is meant. */
const ACCEPTED = /referenced manual not found|FIELDS instead of FILES/;

test('man pages are clean mdoc', (context) => {
  const lint = spawnSync('mandoc', ['-T', 'lint', '-W', 'style', ...pages], { encoding: 'utf8' });
  if (lint.error !== undefined) {
    context.skip('mandoc is not installed (apt install mandoc)');
    return;
  }
  const remarks = lint.stdout.split('\n').filter((line) => line !== '' && !ACCEPTED.test(line));
  assert.deepEqual(remarks, []);
});
