/** Takes the golden screens again: to be read as a difference before they are committed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { SESSIONS, screenPath, takeScreens } from './screens.js';

for (const session of SESSIONS) {
  for (const [name, screen] of await takeScreens(session)) {
    const path = screenPath(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, screen);
    console.log(path);
  }
}
