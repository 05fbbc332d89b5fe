/** Whose process a test server is: PostgreSQL refuses to run as root, so root lends it another account. */
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** `postgres` or else `nobody` for root; null for any other user, whose servers are its own. */
export function serverAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n').map(parseAccount);
  const found = ['postgres', 'nobody'].map((name) => accounts.find((account) => account?.name === name));
  const account = found[0] ?? found[1];
  if (account === undefined || account === null)
    throw new Error('no account to run a server as (expected postgres or nobody in /etc/passwd)');
  return account;
}

/** What child_process takes to run a command as the server's account. */
export function asServer(account: Account | null): { uid?: number; gid?: number } {
  return account === null ? {} : { uid: account.uid, gid: account.gid };
}

/** Whether the account may reach what lies below a directory: every folder on the way lets others pass. */
export function reachable(directory: string, account: Account | null): boolean {
  if (account === null) return true;
  for (let path = resolve(directory); ; path = dirname(path)) {
    const entry = statSync(path, { throwIfNoEntry: false });
    if (entry !== undefined && entry.uid !== account.uid && (entry.mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

function parseAccount(line: string): Account | null {
  const [name, , uid, gid] = line.split(':');
  return name && uid && gid ? { name, uid: Number(uid), gid: Number(gid) } : null;
}
