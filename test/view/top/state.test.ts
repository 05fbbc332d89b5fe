import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialState, press, type Shown, type State } from '../../../src/view/top/state.js';

const SHOWN: Shown = { keys: ['o1', 'o2', 'o3'], page: 3, more: true };

function after(...keys: string[]): State {
  return keys.reduce((state, key) => press(state, key, SHOWN), initialState('rate', false));
}

const cases: readonly (readonly [keys: string[], changed: Partial<State>])[] = [
  [['q'], { quit: true }],
  [['CTRL_C'], { quit: true }],
  [['s'], { sort: 'time' }],
  [['S'], { sort: 'name' }],
  [['s', 's', 's', 's', 's'], { sort: 'rate' }],
  [['g'], { grouped: true }],
  [['b'], { by: 'statement' }],
  [['b', 'b'], { by: 'relation' }],
  [['p'], { paused: true }],
  [['p', ' '], { paused: false }],
  [['?'], { screen: 'help' }],
  [['?', '?'], { screen: 'list' }],
  [['?', 'ESCAPE'], { screen: 'list' }],
  [['DOWN'], { selected: 'o2' }],
  [['j', 'j', 'k'], { selected: 'o2' }],
  [['DOWN', 'DOWN', 'DOWN'], { selected: 'o3', offset: 1 }],
  [['UP'], { selected: null, offset: 0 }],
  [['PAGE_DOWN', 'PAGE_DOWN', 'PAGE_UP'], { offset: 3 }],
  [['PAGE_DOWN', 'HOME'], { offset: 0 }],
  [['DOWN', 'ENTER'], { screen: 'detail', opened: 'o2', selected: 'o2' }],
  [['ENTER', 'ESCAPE'], { screen: 'list', opened: null }],
  [['ENTER', 'q'], { quit: true }],
  [['/', 'q', 'p'], { filter: 'qp', earlier: '', quit: false, paused: false }],
  [['/', 'a', 'b', 'BACKSPACE', 'ENTER'], { filter: 'a', earlier: null }],
  [['/', 'a', 'ENTER', '/', 'b', 'ESCAPE'], { filter: 'a', earlier: null }],
  [['/', 'a', 'ENTER', 'ESCAPE'], { filter: '' }],
  [['/', 'a', 'CTRL_U', '表'], { filter: '表' }],
  [['/', 'UP', 'F1', 'CTRL_A'], { filter: '' }],
  [['/', 'CTRL_C'], { quit: true }],
  [['x', 'F5', 'TAB'], {}],
];

for (const [keys, changed] of cases) {
  test(`after ${keys.join(' ')}`, () => {
    const state = after(...keys);
    assert.deepEqual(state, { ...state, ...changed });
    if (Object.keys(changed).length === 0) assert.deepEqual(state, initialState('rate', false));
  });
}

test('a row that is not shown any more leaves the first one selected', () => {
  const state = press({ ...initialState('rate', false), selected: 'o9' }, 'ENTER', SHOWN);
  assert.equal(state.opened, 'o1');
});

test('there is nothing to open where nothing is shown', () => {
  const none: Shown = { keys: [], page: 3, more: false };
  for (const key of ['ENTER', 'DOWN', 'UP', 'PAGE_DOWN'])
    assert.equal(press(initialState('rate', false), key, none).screen, 'list');
});
