/** Decimal numbers as text, as Python prints them: ids and categories that were numbers keep the names they had there. */

/** Shortest text that parses back to the number, as a double or as a 32-bit float; 2 as '2.0', 1e-5 as '1e-05'. */
export function numberText(value: number, isSingle: boolean): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  const [, sign, whole, fraction, power] =
    /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(shortest(value, isSingle)) ?? [];
  const exponent = Number(power);
  const digits = whole + (fraction ?? '');
  const minus = Object.is(value, -0) ? '-' : sign;
  if (exponent < -4 || exponent >= 16) {
    const mantissa = digits.length > 1 ? `${digits[0]}.${digits.slice(1)}` : digits;
    return `${minus}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${minus}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const left = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${minus}${left}.${digits.slice(exponent + 1) || '0'}`;
}

function shortest(value: number, isSingle: boolean): string {
  if (!isSingle) return value.toExponential();
  for (let digits = 0; digits < 9; digits++) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toExponential();
}
