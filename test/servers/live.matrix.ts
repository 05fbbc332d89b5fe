/** Every complete source on every version: the scenarios of test/live. */
import { liveScenarios, workerScenario } from '../live/scenarios.js';
import { versionUnderTest } from './versions.js';

const version = versionUnderTest();

for (const via of ['ftrace', 'strace'] as const) {
  liveScenarios(version, via);
  if (version >= 18) workerScenario(via);
}
