// The page that asks people whether an application may act for them.

import type { Locator, Page } from "playwright-core";

import type { Application } from "./application.ts";

/** The page in a tab, found by what people find: labels and roles. */
export class ConsentPage {
  readonly page: Page;
  readonly title: Locator;
  readonly name: Locator;
  readonly code: Locator;
  readonly allow: Locator;
  readonly deny: Locator;
  readonly alert: Locator;
  /** What the form says of which login it is. */
  readonly transaction: Locator;

  constructor(page: Page) {
    this.page = page;
    this.title = page.getByRole("heading", { level: 1 });
    this.name = page.getByLabel("Your name", { exact: true });
    this.code = page.getByLabel("Code", { exact: true });
    this.allow = page.getByRole("button", { name: "allow" });
    this.deny = page.getByRole("button", { name: "Deny", exact: true });
    this.alert = page.getByRole("alert");
    this.transaction = page.locator("input[name=transaction]");
  }

  /** Types what the login for development asks for, and allows it. */
  async logIn(name: string, code: string): Promise<void> {
    await this.name.fill(name);
    await this.code.fill(code);
    await this.allow.click();
  }

  /** Waits until the browser is back in the application, and says with which address. */
  async backIn(application: Application): Promise<string> {
    await this.page.waitForURL((url) => url.href.startsWith(application.redirectUri));
    return this.page.url();
  }
}
