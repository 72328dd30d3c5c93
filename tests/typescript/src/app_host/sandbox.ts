// The sandbox between a host and a view: a page of another origin than the host's, which shows the
// view in a frame of its own and passes messages on. What a view may load is ruled by the policy of
// this page, which the view inherits.

import type {
  McpUiSandboxProxyReadyNotification,
  McpUiSandboxResourceReadyNotification,
} from "@modelcontextprotocol/ext-apps/app-bridge";

const host = new URL(document.referrer).origin;
const view = document.createElement("iframe");
view.title = "View";
document.body.append(view);

type Resource = McpUiSandboxResourceReadyNotification["params"];

/** Hosts do it in two ways: without an origin, the view reaches nothing that this page could. */
function load({ html, sandbox = "allow-scripts" }: Resource): void {
  view.setAttribute("sandbox", sandbox);
  if (!sandbox.includes("allow-same-origin")) {
    view.srcdoc = html;
    return;
  }
  view.contentDocument!.open();
  view.contentDocument!.write(html);
  view.contentDocument!.close();
}

const loads: McpUiSandboxResourceReadyNotification["method"] = "ui/notifications/sandbox-resource-ready";
window.addEventListener("message", ({ source, origin, data }) => {
  if (source === window.parent && origin === host) {
    if (data.method === loads) load(data.params);
    else view.contentWindow!.postMessage(data, "*");
  } else if (source === view.contentWindow) {
    window.parent.postMessage(data, host);
  }
});

const ready: McpUiSandboxProxyReadyNotification = { method: "ui/notifications/sandbox-proxy-ready", params: {} };
window.parent.postMessage({ jsonrpc: "2.0", ...ready }, host);
