/** Records of system calls as a kernel would write them, and a joiner that takes them in. */
import { endianness } from 'node:os';
import { parseFormat } from '../../../src/attach/ftrace/format.js';
import { Joiner } from '../../../src/attach/ftrace/join.js';
import { merge } from '../../../src/attach/ftrace/merge.js';
import { Proofs } from '../../../src/attach/ftrace/proof.js';
import { compileSchema, type Schema } from '../../../src/attach/ftrace/schema.js';
import type { ProbeShape } from '../../../src/attach/probes/shape.js';
import { FORMATS, longRecord, page, streamOf } from './pages.js';

export const PID = 4711;
/** Why the records cannot be read on this machine. */
export const skip = endianness() === 'LE' ? false : 'the formats were recorded on a little-endian machine';

const COMMON = [
  'field:unsigned short common_type;	offset:0;	size:2;	signed:0;',
  'field:int common_pid;	offset:4;	size:4;	signed:1;',
];
/** An event of another kernel than the fixtures'. */
const invented = (name: string, id: number, ...fields: string[]) =>
  parseFormat(
    `name: ${name}\nID: ${id}\nformat:\n${[...COMMON, ...fields].map((field) => `\t${field}`).join('\n')}\n`,
  );
const PROCESS_EXIT = invented('sched_process_exit', 9001, 'field:pid_t pid;	offset:24;	size:4;	signed:1;');
const SIGNAL = invented(
  'signal_deliver',
  9002,
  'field:int sig;	offset:8;	size:4;	signed:1;',
  'field:unsigned long sa_handler;	offset:24;	size:8;	signed:0;',
);
const EXIT_GROUP = invented(
  'sys_enter_exit_group',
  9003,
  'field:int __syscall_nr;	offset:8;	size:4;	signed:1;',
  'field:int error_code;	offset:16;	size:8;	signed:0;',
);
const GETPID = invented('sys_exit_getpid', 9004, 'field:long ret;	offset:16;	size:8;	signed:1;');
const MADE_UP = invented(
  'sys_enter_made_up',
  9005,
  'field:int __syscall_nr;	offset:8;	size:4;	signed:1;',
  'field:unsigned long a;	offset:16;	size:8;	signed:0;',
  'field:unsigned long b;	offset:24;	size:8;	signed:0;',
);
/** As kernels write it that record the text of a pointer to text. */
const UNLINK = invented(
  'sys_enter_unlink',
  9006,
  'field:int __syscall_nr;	offset:8;	size:4;	signed:1;',
  'field:const char * pathname;	offset:16;	size:8;	signed:0;',
  'field:__data_loc char[] __pathname_val;	offset:24;	size:4;	signed:0;',
);
const FORK = invented('sched_process_fork', 9007, 'field:pid_t child_pid;	offset:8;	size:4;	signed:1;');
const INVENTED = [PROCESS_EXIT, SIGNAL, EXIT_GROUP, GETPID, MADE_UP, UNLINK, FORK];
const ID = new Map([...FORMATS.values(), ...INVENTED].map((format) => [format.name, format.id]));

const split = (value: bigint) => [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))];
const begin = (event: string, pid: number) => [ID.get(event)!, pid];
export const enter = (call: string, args: (number | bigint)[], pid = PID) => [
  ...begin(`sys_enter_${call}`, pid),
  0,
  0,
  ...args.flatMap((arg) => split(BigInt(arg))),
];
export const exit = (call: string, ret: number | bigint, pid = PID) => [
  ...begin(`sys_exit_${call}`, pid),
  0,
  0,
  ...split(BigInt(ret)),
];
export const signal = (number: number, handler: bigint) => [
  ...begin('signal_deliver', PID),
  number,
  0,
  0,
  0,
  ...split(handler),
];
export const end = (pid = PID) => [...begin('sched_process_exit', pid), 0, 0, 0, 0, pid];
export const fork = (parent: number, child: number) => [...begin('sched_process_fork', parent), child];

/** The event that a joiner makes of a call of `PID`. */
export const done = (ts: number, call: string, rest: object) => ({
  type: 'syscall',
  ts,
  pid: PID,
  call,
  ...rest,
});
/** What a call takes that is one record long. */
export const DUR = 0.000001;

/** What every record is, with these of probes beside, by their id. */
export function schemaOf(probes: Record<number, ProbeShape> = {}): Schema {
  const schema = compileSchema([...FORMATS.values(), ...INVENTED]);
  for (const [id, shape] of Object.entries(probes)) schema.shapes[Number(id)] = shape;
  return schema;
}

/** A joiner, and what hands it a page of records: they come 1000 ns apart, the first 1000 ns after `begun`. */
export function joining(schema = schemaOf()): {
  joiner: Joiner;
  feed(begun: bigint, records: number[][], missed?: number): void;
} {
  const joiner = new Joiner(
    schema,
    new Proofs(),
    (time) => time / 1e6,
    (_, count) => count,
  );
  return {
    joiner,
    feed(begun, records, missed = 0) {
      const entries = records.map((words) => longRecord(1000, words));
      merge([streamOf(page(begun, entries, missed))], Number.POSITIVE_INFINITY, joiner);
    },
  };
}
