/** A machine of its own for one command: Debian's kernel in qemu(1), on this machine's own files, which it cannot change. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Skipped } from '../skipped.js';
import { cpio, DIRECTORY, EXECUTABLE } from './cpio.js';
import { inOrder } from './modules.js';
import { findBusybox, findKernel } from './packages.js';

const QEMU = 'qemu-system-x86_64';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const MEMORY = '4G';
const MOST_CPUS = 2;
/** A guest that writes nothing for so long hangs. The matrix writes after each file: minutes, where it is translated. */
const SILENCE_MINUTES = 30;
/** Modules of Debian's kernel without which it reaches no file. */
const MODULES = ['virtio_pci', 'virtio_console', '9pnet_virtio', '9p', 'overlay'];
const INIT = join(import.meta.dirname, '..', '..', '..', 'test', 'kernel', 'init.sh');

/**
 * Runs a script of sh(1) as root in the guest, its output here.
 * @returns its exit status.
 * @throws Skipped where something is missing for that; an Error where the guest hangs or breaks off.
 */
export async function runInGuest(script: string): Promise<number> {
  if (process.arch !== 'x64')
    throw new Skipped(`it is made for x86-64 (expected x64, found ${process.arch})`);
  if (spawnSync(QEMU, ['--version']).error !== undefined)
    throw new Skipped(`there is no ${QEMU} (on Debian: apt-get install qemu-system-x86)`);
  const kernel = await findKernel();
  const initial = initramfs(await findBusybox(), inOrder(kernel.modules, MODULES));
  const job = mkdtempSync(join(tmpdir(), 'pgtrace-guest-'));
  try {
    writeFileSync(join(job, 'script'), script);
    writeFileSync(join(job, 'initramfs'), initial);
    const end = await boot(kernel.image, job);
    return readStatus(job, end);
  } finally {
    rmSync(job, { recursive: true });
  }
}

function initramfs(busybox: string, modules: readonly string[]): Buffer {
  const names = modules.map((module) => basename(module));
  const program = (name: string, content: Buffer) => ({ name, mode: EXECUTABLE, content });
  return cpio([
    program('init', readFileSync(INIT)),
    { name: 'bin', mode: DIRECTORY, content: Buffer.alloc(0) },
    program('bin/busybox', readFileSync(busybox)),
    ...modules.map((module, i) => program(names[i]!, readFileSync(module))),
    program('modules', Buffer.from(names.map((name) => `/${name}\n`).join(''))),
  ]);
}

/** Gives how it ended, for the case that its script did not. */
async function boot(image: string, job: string): Promise<string> {
  let end = 'broke off';
  const heard = () => alarm.refresh();
  const ports = await Promise.all([
    relay(join(job, 'out.socket'), process.stdout, heard),
    relay(join(job, 'err.socket'), process.stderr, heard),
  ]);
  // So that it does not outlive us, however we end.
  const machine = spawn('setpriv', ['--pdeathsig', 'KILL', QEMU, ...options(image, job)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const alarm = setTimeout(() => {
    end = `wrote nothing for ${SILENCE_MINUTES} minutes and was killed`;
    machine.kill('SIGKILL');
  }, SILENCE_MINUTES * 60_000);
  const stop = () => machine.kill();
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    await once(machine, 'exit');
  } finally {
    clearTimeout(alarm);
    for (const signal of SIGNALS) process.removeListener(signal, stop);
    await Promise.all(ports.map((close) => close()));
  }
  return end;
}

function options(image: string, job: string): string[] {
  const accelerator = findAccelerator();
  // Translation is slow enough without the guards against processors' faults.
  const kernelLine = `console=ttyS0 quiet panic=-1${accelerator === 'tcg' ? ' mitigations=off' : ''}`;
  const shared = (tag: string, path: string, more: string) =>
    `local,path=${path},mount_tag=${tag},security_model=none,multidevs=remap${more}`;
  const port = (name: string) => [
    ...['-chardev', `socket,id=${name},path=${join(job, `${name}.socket`)}`],
    ...['-device', `virtserialport,chardev=${name},name=${name}`],
  ];
  return [
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
    ...['-accel', accelerator, '-cpu', 'max', '-m', MEMORY],
    ...['-smp', String(Math.min(MOST_CPUS, availableParallelism()))],
    ...['-kernel', image, '-initrd', join(job, 'initramfs'), '-append', kernelLine],
    ...['-serial', `file:${join(job, 'console')}`],
    ...['-virtfs', shared('files', '/', ',readonly=on'), '-virtfs', shared('job', job, '')],
    ...['-device', 'virtio-serial-pci', ...port('out'), ...port('err')],
    ...['-object', 'rng-random,id=rng,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=rng'],
  ];
}

/** KVM by the processor's own means, or else translation, ten times slower: KVM without (kvm_pvm) starts no kernel but its own. */
function findAccelerator(): string {
  const hardware = ['kvm_intel', 'kvm_amd'].some((module) => existsSync(`/sys/module/${module}`));
  try {
    if (hardware) accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return hardware ? 'kvm' : 'tcg';
  } catch {
    return 'tcg';
  }
}

/** Hands on what comes by a socket, and says each time that something did; the promise is of its end. */
async function relay(path: string, to: NodeJS.WriteStream, heard: () => void): Promise<() => Promise<void>> {
  let passed: Promise<unknown> = Promise.resolve();
  const server = createServer((socket) => {
    passed = once(socket, 'close');
    socket.on('data', heard).pipe(to, { end: false });
  });
  server.listen(path);
  await once(server, 'listening');
  return async () => {
    await passed;
    server.close();
  };
}

/** @throws where the guest did not come to the script's end; with what its kernel said last. */
function readStatus(job: string, end: string): number {
  try {
    return Number(readFileSync(join(job, 'status'), 'utf8'));
  } catch {
    const last = readFileSync(join(job, 'console'), 'utf8').split('\n').slice(-40).join('\n');
    throw new Error(`the guest ${end}; its console:\n${last}`);
  }
}
