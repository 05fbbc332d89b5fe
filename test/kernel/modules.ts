/** Modules of a kernel in the order in which insmod takes them. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Skipped } from '../skipped.js';

/** The files of the modules and of those that they depend on, by their own word: depmod(8) has not been run. */
export function inOrder(folder: string, wanted: readonly string[]): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const paths = new Map(
    files
      .filter((file) => file.endsWith('.ko'))
      .map((file) => [basename(file, '.ko').replaceAll('-', '_'), join(folder, file)]),
  );
  const builtIn = new Set(
    readFileSync(join(folder, 'modules.builtin'), 'utf8')
      .split('\n')
      .map((file) => basename(file, '.ko').replaceAll('-', '_')),
  );
  const order = new Set<string>();
  const take = (name: string): void => {
    if (builtIn.has(name)) return;
    const path = paths.get(name);
    if (path === undefined) throw new Skipped(`the kernel in ${folder} has no module ${name}`);
    dependencies(readFileSync(path)).forEach(take);
    order.add(path);
  };
  wanted.forEach(take);
  return [...order];
}

/** `depends=` of the section .modinfo, whose strings end with a 0. */
function dependencies(module: Buffer): string[] {
  const key = Buffer.from('\0depends=');
  const at = module.indexOf(key);
  if (at === -1) return [];
  const from = at + key.length;
  const names = module.toString('latin1', from, module.indexOf(0, from));
  return names === '' ? [] : names.replaceAll('-', '_').split(',');
}
