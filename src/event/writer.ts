/** Text as bytes in one growing buffer, from parts that come again and again, and from digits. */

/** A text that was made into bytes once: written four bytes at a time. */
export class Text {
  /** In bytes. */
  readonly length: number;
  readonly words: Int32Array;

  constructor(text: string) {
    const bytes = Buffer.from(text);
    this.length = bytes.length;
    const padded = Buffer.alloc((bytes.length + 3) & ~3);
    bytes.copy(padded);
    this.words = Int32Array.from({ length: padded.length >> 2 }, (_, index) => padded.readInt32LE(index * 4));
  }
}

/** The whole second that one key's last value had: times follow each other, and durations are short. */
export class LastSecond {
  value = -1;
  text = new Text('');
}

/** Room beyond any text: for the bytes that pad it, and for a number. */
const SLACK = 64;

export class Writer {
  private bytes: Buffer;
  private view: DataView;
  private at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size + SLACK);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  }

  /** What was written; the writer is done with. */
  done(): Buffer {
    return this.bytes.subarray(0, this.at);
  }

  private reserve(size: number): void {
    if (this.at + size + SLACK <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe((this.bytes.length + size) * 2 + SLACK);
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
    this.view = new DataView(larger.buffer, larger.byteOffset, larger.length);
  }

  text({ length, words }: Text): void {
    this.reserve(length);
    const { view } = this;
    let { at } = this;
    this.at += length;
    // The bytes that pad the last word are overwritten by what follows.
    for (let index = 0; index < words.length; index++, at += 4) view.setInt32(at, words[index]!, true);
  }

  string(text: string): void {
    this.reserve(text.length * 3);
    this.at += this.bytes.write(text, this.at);
  }

  /** A number as JSON has it; `null` for what is none. */
  number(value: number): void {
    this.reserve(0);
    if (value >= 0 && value < 1e9 && Math.floor(value) === value) this.whole(value);
    else if (value >= 1e9 && value < 1e15 && Math.floor(value) === value) {
      const high = Math.floor(value / 1e6);
      this.whole(high);
      this.digits(value - high * 1e6, 6);
    } else this.string(JSON.stringify(value));
  }

  /**
   * Seconds. To the microsecond where that is all that the number holds: that saves the search for the
   * shortest decimal.
   */
  seconds(value: number, last: LastSecond): void {
    const micros = Math.round(value * 1e6);
    if (!(micros >= 0 && micros < 2 ** 53 && micros / 1e6 === value)) {
      this.number(value);
      return;
    }
    const seconds = Math.floor(micros / 1e6);
    const rest = micros - seconds * 1e6;
    if (seconds !== last.value) {
      last.value = seconds;
      last.text = new Text(`${seconds}.`);
    }
    this.text(last.text);
    this.digits(rest, 6);
  }

  /** A whole number from 0 to 10^9. */
  private whole(value: number): void {
    let count = 1;
    for (let power = 10; value >= power; power *= 10) count++;
    this.digits(value, count);
  }

  /** The last `count` digits of a whole number from 0 to 10^9. */
  private digits(value: number, count: number): void {
    const { bytes, at } = this;
    let rest = value | 0;
    for (let place = at + count - 1; place >= at; place--) {
      const next = (rest / 10) | 0;
      bytes[place] = 48 + rest - next * 10;
      rest = next;
    }
    this.at = at + count;
  }
}
