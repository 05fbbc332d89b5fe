/**
 * What a server reports of itself while it talks with its client, out of what the two say: the very calls of
 * pgstat_report_activity() that src/backend/tcop/postgres.c makes for Query, Parse, Bind, Execute, FunctionCall and
 * before ReadyForQuery. Pure.
 */
import { Framing, type Message } from './framing.js';
import { BACKEND, FRONTEND, isTls, readOpening } from './messages.js';
import { Prepared } from './prepared.js';
import { readStep, type Step } from './step.js';

export interface Report {
  ts: number;
  state: string;
  /** Null where none comes with the state, or with `cut` where it is not known. */
  text: string | null;
  cut: boolean;
}

/** ReadyForQuery's transaction status, in the words of BackendState. */
const STATES: Readonly<Record<string, string>> = {
  I: 'idle',
  T: 'idle in transaction',
  E: 'idle in transaction (aborted)',
};

/** Its body, at the end of what is sent before the server waits. */
const READY = Buffer.from('Z\0\0\0\x05');

/** What ends with a ReadyForQuery. */
const ENDS = new Set(['Q', 'F', 'S']);
/** What is answered by what; Execute also by EmptyQueryResponse and PortalSuspended. */
const ANSWERED: Readonly<Record<string, Step['type']>> = { 1: 'P', 2: 'B', 3: 'C', C: 'E', I: 'E', s: 'E' };

export class Conversation {
  /** By what the client's messages are encrypted, once that is known: nothing more comes of it then. */
  encrypted: 'TLS' | 'GSSAPI' | null = null;
  /** How often what the client said was no message any more: what came then is missing. */
  misread = 0;
  #reports: Report[] = [];
  #requests: Framing;
  #answers: Framing;
  #prepared: Prepared;
  #steps: Step[] = [];
  /** After an error in the extended protocol, up to Sync. */
  #skipping = false;
  /** The server reads data that belong to what it executes. */
  #copying = false;
  #asked: 'TLS' | 'GSSAPI' | null = null;
  /** This process is the client here, of another server. */
  #outgoing = false;

  /** @param kept of a message, in bytes: what may be told of a text. */
  constructor(kept: number) {
    this.#requests = new Framing(FRONTEND, kept);
    this.#answers = new Framing(BACKEND, 1);
    this.#prepared = new Prepared();
  }

  /**
   * The server read from its client, from `began` to `ended`.
   * @param data the first of `total` bytes.
   * @param wanted how many it asked for.
   * @returns what it reports of itself, in order; so does `sent`.
   */
  received(began: number, ended: number, data: Buffer, total: number, wanted: number): Report[] {
    if (this.encrypted === null && !this.#outgoing) this.#received(began, ended, data, total, wanted);
    return this.#reports.splice(0);
  }

  /** The server sends `total` bytes at `ts`, of which `data` has the first. */
  sent(ts: number, data: Buffer, total: number): Report[] {
    if (this.encrypted === null && !this.#outgoing) this.#sent(ts, data, total);
    return this.#reports.splice(0);
  }

  #received(began: number, ended: number, data: Buffer, total: number, wanted: number): void {
    // It reads again only when it has worked off what came before.
    if (!this.#copying) this.#finishAll(began);
    const requests = this.#requests;
    const known = requests.aligned;
    const from = known ? 0 : this.#align(data, total, wanted);
    if (from === null) return;
    const messages = requests.read(data.subarray(from), total - from);
    if (!requests.aligned) {
      // What only looked like a message, as a server's answers to this one where this one is the client.
      if (!known) return;
      this.misread++;
    }
    for (const message of messages) this.#take(message);
    this.#reportFirst(ended);
  }

  #sent(ts: number, data: Buffer, total: number): void {
    if (this.#asked !== null) {
      // 'S' or 'G' for yes; 'N' or an error for no.
      if (total === 1 && (data[0] === 0x53 || data[0] === 0x47)) this.encrypted = this.#asked;
      this.#asked = null;
      return;
    }
    const answers = this.#answers;
    if (!answers.aligned && readOpening(data) !== null) this.#outgoing = true;
    else if (answers.aligned)
      for (const { type, body } of answers.read(data, total)) this.#answer(ts, type, body);
    else if (data.length === total && data.subarray(-READY.length - 1, -1).equals(READY)) {
      answers.align();
      this.#answer(ts, 'Z', data.subarray(-1));
    }
    this.#reportFirst(ts);
  }

  /** Some of what was said is missing. */
  lost(): void {
    this.#requests.lose();
    this.#answers.lose();
    this.#steps = [];
    this.#skipping = false;
    this.#copying = false;
    this.#asked = null;
  }

  /** Where in the data the client's messages begin; null where that cannot be told. */
  #align(data: Buffer, total: number, wanted: number): number | null {
    const opening = readOpening(data);
    if (opening?.opening === 'startup' && opening.length <= total) {
      this.#requests.align();
      this.#answers.align();
      return opening.length;
    }
    if (opening !== null) {
      if (opening.opening === 'TLS' || opening.opening === 'GSSAPI') this.#asked = opening.opening;
      return null;
    }
    if (isTls(data)) this.encrypted = 'TLS';
    // be_gssapi_read() reads the length of a packet by itself (src/backend/libpq/be-secure-gssapi.c).
    else if (wanted === 4 && total === 4 && data[0] === 0) this.encrypted = 'GSSAPI';
    // An idle server reads whole messages: text or data in the middle of one would make a length beyond 16 MB.
    if (this.encrypted !== null || data.length < 5 || data[1] !== 0) return null;
    const type = FRONTEND.get(data[0]!);
    const length = data.readInt32BE(1) - 4;
    if (type === undefined || length < type.least || length > type.most) return null;
    this.#requests.align();
    // Nor has it left part of an answer unsent, or what is no answer will show it.
    this.#answers.align();
    return 0;
  }

  #take(message: Message): void {
    const { type } = message;
    if (type === 'S') this.#skipping = false;
    if (this.#skipping) return;
    if (type === 'c' || type === 'f') this.#copying = false;
    // While it copies, the server passes over Sync.
    const step = this.#copying ? null : readStep(message);
    if (step !== null) this.#steps.push(step);
  }

  #answer(ts: number, type: string, body: Buffer): void {
    if (type === 'Z') {
      const end = this.#steps.findIndex((step) => ENDS.has(step.type));
      this.#finish(ts, end + 1);
      this.#copying = false;
      this.#report(ts, STATES[String.fromCharCode(body[0]!)] ?? 'idle', null, false);
    } else if (type === 'G' || type === 'W') {
      this.#copying = true;
      this.#steps = this.#steps.filter((step) => step.type !== 'S');
    } else if (type === 'E') this.#failed();
    else if (this.#steps[0]?.type !== 'Q') {
      const answered = ANSWERED[type];
      const end = this.#steps.findIndex((step) => ENDS.has(step.type) || step.type === answered);
      if (end !== -1 && this.#steps[end]!.type === answered) this.#finish(ts, end + 1);
      if (answered === 'E') this.#copying = false;
    }
  }

  /** ErrorResponse: the rest up to Sync is passed over, unless it is of the simple protocol. */
  #failed(): void {
    this.#copying = false;
    const [first] = this.#steps;
    if (first === undefined || ENDS.has(first.type)) return;
    const sync = this.#steps.findIndex((step) => step.type === 'S');
    this.#skipping = sync === -1;
    this.#steps = sync === -1 ? [] : this.#steps.slice(sync);
  }

  #report(ts: number, state: string, text: string | null, cut: boolean): void {
    this.#reports.push({ ts, state, text, cut });
  }

  #finishAll(ts: number): void {
    this.#finish(ts, this.#steps.length);
  }

  /** The first steps are done. */
  #finish(ts: number, count: number): void {
    for (const step of this.#steps.splice(0, count)) {
      this.#reportStep(ts, step);
      const { type, name, of, text } = step;
      if (type === 'P') this.#prepared.parsed(name, text);
      else if (type === 'B') this.#prepared.bound(name, of);
      else if (type === 'C') this.#prepared.closed(of, name);
    }
  }

  /** What the server works off now; Close it does not report. */
  #reportFirst(ts: number): void {
    const first = this.#steps.find((step) => step.type !== 'C');
    if (first !== undefined) this.#reportStep(ts, first);
  }

  #reportStep(ts: number, step: Step): void {
    const { type, name, of, text, reported } = step;
    step.reported = true;
    if (reported || type === 'S' || type === 'C') return;
    if (type === 'F') this.#report(ts, 'fastpath', null, false);
    else {
      const known =
        type === 'B' ? this.#prepared.statement(of) : type === 'E' ? this.#prepared.portal(name) : text;
      this.#report(ts, 'running', known?.text ?? null, known?.cut ?? true);
    }
  }
}
