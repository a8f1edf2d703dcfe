/** Algerian mobile numbers as people write them. Pure. */

const MSISDN = /^0[567][0-9]{8}$/
/** Arabic-Indic, and its Persian form: keyboards mix them up. */
const DIGIT_ZEROS = [0x0660, 0x06f0]
/** Spaces of every width, the marks that turn the writing direction, and what people put between groups. */
const BETWEEN = /[\s\u061c\u200b-\u200f\u202a-\u202e\u2010-\u2015\u2066-\u2069.\-()]/g

/** `+213 661 23 45 67`, `00213661234567`, `٠٦٦١٢٣٤٥٦٧` are `0661234567`. Null for what is no mobile number. */
export function readMsisdn(text: string): string | null {
  const digits = Array.from(text.replace(BETWEEN, ''), westernDigit).join('')
  // In a query string `+` means a space, so the bare country code is one too; some write it with the 0.
  const national = digits.replace(/^(?:\+|\uff0b|00)?2130?/, '0')
  return MSISDN.test(national) ? national : null
}

function westernDigit(character: string): string {
  const code = character.charCodeAt(0)
  const zero = DIGIT_ZEROS.find((candidate) => code >= candidate && code <= candidate + 9)
  return zero === undefined ? character : String(code - zero)
}
