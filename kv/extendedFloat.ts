/**
 * Floating point numbers of 64 significant bits: what INCRBYFLOAT computes with in Redis on x86-64 (`long double`). Made of
 * whole numbers, so that every replica, on whatever machine, gets the same digits.
 */

/** Stands for `mantissa` × 2^`exponent`. */
export interface ExtendedFloat {
  readonly mantissa: bigint;
  readonly exponent: number;
}

const mantissaBits = 64;
/** What is 2^16384 or more is infinite. */
const bitsMax = 16_384;
/** Redis' own bound of the text, and decimal exponents within which a number is neither infinite nor zero. */
const textMax = 5 * 1024;
const decimalMax = 4932;
const decimalMin = -4950;
/** Redis shows so many digits behind the point. */
const shownDecimals = 17;

/** Undefined: no number, or one too large or too small. 'infinite' is a number as far as Redis is concerned. */
export function parseExtended(text: string): ExtendedFloat | 'infinite' | undefined {
  if (text.length >= textMax) return undefined;
  if (/^[+-]?inf(inity)?$/i.test(text)) return 'infinite';
  const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text);
  if (!parts) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] = parts;
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  if (digits === 0n) return { mantissa: 0n, exponent: 0 };
  const scale = Number(power) - fraction.length;
  const magnitude = digits.toString().length - 1 + scale;
  if (magnitude > decimalMax || magnitude < decimalMin) return undefined;
  const numerator = scale > 0 ? digits * 10n ** BigInt(scale) : digits;
  const denominator = scale < 0 ? 10n ** BigInt(-scale) : 1n;
  const value = quotient(sign === '-' ? -numerator : numerator, denominator);
  return isInRange(value) ? value : undefined;
}

export function addExtended(a: ExtendedFloat, b: ExtendedFloat): ExtendedFloat | 'infinite' {
  const exponent = Math.min(a.exponent, b.exponent);
  const at = (value: ExtendedFloat): bigint => value.mantissa << BigInt(value.exponent - exponent);
  const sum = rounded(at(a) + at(b), exponent);
  return isInRange(sum) ? sum : 'infinite';
}

/** Without an exponent, with at most 17 digits behind the point, and none of them that says nothing. */
export function formatExtended({ mantissa, exponent }: ExtendedFloat): string {
  const scaled = absolute(mantissa) * 10n ** BigInt(shownDecimals);
  const units = exponent >= 0 ? scaled << BigInt(exponent) : halvedToEven(scaled, -exponent);
  const text = units.toString().padStart(shownDecimals + 1, '0');
  const whole = text.slice(0, -shownDecimals);
  const fraction = text.slice(-shownDecimals).replace(/0+$/, '');
  const sign = mantissa < 0n && units !== 0n ? '-' : '';
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

function isInRange({ mantissa, exponent }: ExtendedFloat): boolean {
  return bitsOf(mantissa) + exponent <= bitsMax;
}

/** The nearest number to a fraction. */
function quotient(numerator: bigint, denominator: bigint): ExtendedFloat {
  // Two bits more than are kept, and a last one that stands for all that is left of the remainder.
  const shift = Math.max(0, mantissaBits + 2 + bitsOf(denominator) - bitsOf(numerator));
  const shifted = absolute(numerator) << BigInt(shift);
  const sticky = shifted % denominator === 0n ? 0n : 1n;
  const whole = ((shifted / denominator) << 1n) | sticky;
  return rounded(numerator < 0n ? -whole : whole, -shift - 1);
}

/** The nearest number of 64 bits; of two that are as near, the even one. */
function rounded(mantissa: bigint, exponent: number): ExtendedFloat {
  const surplus = bitsOf(mantissa) - mantissaBits;
  if (surplus <= 0) return { mantissa, exponent };
  const kept = halvedToEven(absolute(mantissa), surplus);
  return { mantissa: mantissa < 0n ? -kept : kept, exponent: exponent + surplus };
}

/** Divided by 2^`bits`. */
function halvedToEven(value: bigint, bits: number): bigint {
  const kept = value >> BigInt(bits);
  const rest = value - (kept << BigInt(bits));
  const half = 1n << BigInt(bits - 1);
  return rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function bitsOf(value: bigint): number {
  const text = absolute(value).toString(16);
  return text === '0' ? 0 : (text.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(text[0] ?? '0', 16)));
}
