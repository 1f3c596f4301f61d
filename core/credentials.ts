/** Credentials in addresses: used where they are needed, never written down. */

/** What services call the member of a query that lets one in: `access_token`, `X-Amz-Signature`, `sig`, `apikey`. */
const SECRET_NAME = /token|key|secret|sig|pass|pwd|auth|cred|session|jwt/i;
/** A value that long is more likely a token than a choice. */
const LONGEST_CHOICE = 24;

/** Whether a member of a query is called like what lets one in. */
export function isCredentialName(name: string): boolean {
  return SECRET_NAME.test(name);
}

const ADDRESS = /\b[a-z][a-z0-9+.-]*:\/\/[^\s"'`<>]+/gi;
const USER = /(?<=:\/\/)[^\s/@]+@/;
const PASSWORD = /(?<=:\/\/)[^\s/:@]+:[^\s/@]+@/;
const MEMBER = /(?<=[?&])([^=&#]*)=([^&#)\]},]*)/g;

/** The same address without user, password and what its query says of tokens, keys and signatures. */
export function withoutCredentials(address: string): string {
  return address
    .replace(USER, "")
    .replaceAll(MEMBER, (member: string, name: string, value: string) =>
      isCredentialName(name) || value.length > LONGEST_CHOICE ? `${name}=…` : member,
    );
}

/** Whether an address in the text has a password, or a member that is called like a credential. */
export function hasCredentials(text: string): boolean {
  return (text.match(ADDRESS) ?? []).some(
    (address) =>
      PASSWORD.test(address) ||
      [...address.matchAll(MEMBER)].some(([, name = ""]) => isCredentialName(name)),
  );
}

/** A text with every address in it as `withoutCredentials` gives it. */
export function textWithoutCredentials(text: string): string {
  return text.replaceAll(ADDRESS, withoutCredentials);
}
