/** Takes the golden screens again: to be read as a difference before they are committed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SCREENS, screenPath, takeScreen } from './screens.js';

for (const screen of SCREENS) {
  const path = screenPath(screen.name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, await takeScreen(screen));
  console.log(path);
}
