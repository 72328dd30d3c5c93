// Certified identity providers in the shapes of Okta, Google and Entra, which the Rust tests use too.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { inTime } from "./patience.ts";
import { Program } from "./program.ts";

/** The shapes that the product is made for. */
export const shapes = ["okta", "google", "entra"] as const;
export type Shape = (typeof shapes)[number];

const directory = join(import.meta.dirname, "../../openid");

/** All of them, in one program. */
export class CertifiedProviders {
  readonly #program: Program;
  readonly #registrations: Record<Shape, Record<string, string>>;

  private constructor(program: Program, registrations: Record<Shape, Record<string, string>>) {
    this.#program = program;
    this.#registrations = registrations;
  }

  static async start(): Promise<CertifiedProviders> {
    if (!existsSync(join(directory, "node_modules"))) {
      throw new Error("the OpenID packages are not installed: tests/openid/prepare does it");
    }
    const given = [join(directory, "providers.mjs")];
    // What it writes to standard error is advice for production.
    const program = await Program.start(process.execPath, given, "it is Node", { stdio: ["pipe", "pipe", "ignore"] });
    const first = new Promise<string>((resolve, reject) => {
      const lines = createInterface({ input: program.process.stdout! });
      lines.once("line", resolve);
      lines.once("close", () => reject(new Error("the providers ended before they said where they are")));
    });
    try {
      const issuers = JSON.parse(await inTime("the providers start", first));
      return new CertifiedProviders(program, await registrations(issuers));
    } catch (error) {
      await program.stop();
      throw error;
    }
  }

  /** What a server is told about one of them, where it is registered as a client. */
  settings(shape: Shape): Record<string, string> {
    return this.#registrations[shape];
  }

  stop(): Promise<void> {
    return this.#program.stop();
  }
}

async function registrations(issuers: Record<string, string>): Promise<Record<Shape, Record<string, string>>> {
  const { CLIENT_SECRET, EntraShape, GoogleShape, OktaShape } = await import(join(directory, "shapes.mjs"));
  const registration = (provider: string, issuer: string | undefined, clientId: string) => ({
    OAUTH_PROVIDER: provider,
    OIDC_ISSUER: issuer ?? "",
    OIDC_CLIENT_ID: clientId,
    OIDC_CLIENT_SECRET: CLIENT_SECRET,
  });
  const google = new GoogleShape();
  return {
    okta: registration("okta", issuers.okta, new OktaShape().clientId),
    google: {
      ...registration("google", issuers.google, google.clientId),
      OAUTH_ALLOWED_DOMAINS: google.claims.hd,
    },
    entra: registration("azure", issuers.entra_v2, new EntraShape("2.0").clientId),
  };
}
