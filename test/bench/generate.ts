/** Trace text for the benchmarks: what `strace -f -ttt -T -y` shows of a busy server, in a realistic mix. */

export interface GeneratedFile {
  path: string;
  blocks: number;
}

const PIDS = Array.from({ length: 8 }, (_, index) => 3820 + index);
/** 2026-11-22 12:05:37 UTC, in microseconds. */
const START = 1795349137_000000;
const PAGE =
  '"\\1\\0\\0\\0\\20\\335\\177\\1\\0\\0\\4\\0\\214\\0\\350\\34\\0 \\4 \\0\\0\\0\\0\\200\\237\\366\\0\\0\\237\\376\\0"...';

type Random = (below: number) => number;

/** mulberry32, so that two runs read the same text. */
function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * below);
  };
}

/** One process: a sequential scan under way, and descriptors that stay open. */
interface Backend {
  pid: number;
  scanned: number;
  block: number;
}

/** `lines` lines in blocks of some hundred. */
export function* generateTrace(
  lines: number,
  files: readonly GeneratedFile[],
  directory: string,
): Generator<string> {
  const random = randomFrom(1);
  const backends = PIDS.map((pid, index): Backend => ({ pid, scanned: index % files.length, block: 0 }));
  let micros = START;
  let wal = 0;
  let text = '';

  function emit(backend: Backend, call: string, result: string): void {
    const spent = 2 + random(40);
    micros += spent;
    text += `${backend.pid}  ${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')} ${call} = ${result} <0.${String(spent).padStart(6, '0')}>\n`;
  }

  function page(backend: Backend, call: string, index: number, block: number): void {
    const { path } = files[index]!;
    emit(backend, `${call}(${20 + index}<${directory}/${path}>, ${PAGE}, 8192, ${block * 8192})`, '8192');
  }

  function step(backend: Backend): void {
    const dice = random(1000);
    const index = random(files.length);
    const { path, blocks } = files[index]!;
    const block = random(Math.max(blocks, 1));
    if (dice < 450) {
      page(backend, 'pread64', backend.scanned, backend.block);
      backend.block++;
      if (backend.block < Math.max(blocks, 1)) return;
      backend.block = 0;
      backend.scanned = random(files.length);
    } else if (dice < 620) page(backend, 'pread64', index, block);
    else if (dice < 700) page(backend, 'pwrite64', index, block);
    else if (dice < 770)
      emit(backend, `lseek(${20 + index}<${directory}/${path}>, 0, SEEK_END)`, String(blocks * 8192));
    else if (dice < 830)
      emit(backend, `recvfrom(9<socket:[125443]>, "Q\\0\\0\\0\\34SELECT 1"..., 8192, 0, NULL, NULL)`, '65');
    else if (dice < 890)
      emit(backend, `sendto(9<socket:[125443]>, "T\\0\\0\\0!\\0\\1?column"..., 65, 0, NULL, 0)`, '65');
    else if (dice < 940)
      emit(
        backend,
        `epoll_wait(4<anon_inode:[eventpoll]>, [{events=EPOLLIN, data={u32=1049, u64=94}}], 1, -1)`,
        '1',
      );
    else if (dice < 970) {
      wal += 8192;
      emit(
        backend,
        `pwrite64(5<${directory}/pg_wal/000000010000000000000001>, ${PAGE}, 8192, ${wal % 16777216})`,
        '8192',
      );
      emit(backend, `fdatasync(5<${directory}/pg_wal/000000010000000000000001>)`, '0');
    } else if (dice < 985) {
      emit(
        backend,
        `openat(AT_FDCWD<${directory}>, "${path}", O_RDWR|O_CLOEXEC)`,
        `${20 + index}<${directory}/${path}>`,
      );
      emit(backend, `close(${20 + index}<${directory}/${path}>)`, '0');
    } else if (dice < 995)
      emit(
        backend,
        `openat(AT_FDCWD<${directory}>, "${path}_vm", O_RDWR|O_CLOEXEC)`,
        '-1 ENOENT (No such file or directory)',
      );
    else emit(backend, 'kill(3819, SIGURG)', '0');
  }

  let made = 0;
  while (made < lines) {
    for (let count = 0; count < 256 && made < lines; count++, made++)
      step(backends[random(backends.length)]!);
    yield text;
    text = '';
  }
}
