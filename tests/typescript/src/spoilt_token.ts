/** An access token with another signature, which is refused as one is that has expired. */
export function spoilt(token: string): string {
  const [header, claims, signature = ""] = token.split(".");
  return [header, claims, [...signature].reverse().join("")].join(".");
}
