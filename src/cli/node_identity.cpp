// SPDX-License-Identifier: Apache-2.0
// node identity get and renew.
#include <algorithm>

#include "base/text.hpp"
#include "base/time.hpp"
#include "cli/format.hpp"
#include "cli/lookup.hpp"
#include "cli/verbs.hpp"
#include "json/writer.hpp"

namespace caravan::cli {
namespace {

/// Claims that every token of this kind has stand first.
bool is_own_claim(const std::string& name) { return name.starts_with("nomad_"); }

std::string claim_text(const std::string& name, const json::Value& value) {
  const std::int64_t* number = value.as_int();
  if (number && (name == "exp" || name == "iat" || name == "nbf"))
    return base::format_rfc3339(base::Instant::from_seconds(*number));
  const std::string* text = value.as_string();
  return text ? *text : json::to_string(value);
}

int run_get(Context& context) {
  const std::optional<json::Value> node = find_node(context, context.words[0]);
  if (!node) return 1;
  const base::Result<Reply> reply =
      context.api().get("/v1/client/identity", {{"node_id", text(*node, "ID")}});
  if (!reply) return context.fail("Error requesting node identity", reply.error());
  int code = 0;
  if (context.shows_data(reply->body, code)) return code;
  std::vector<const json::Member*> claims = sorted_members(reply->body.at("Claims"));
  std::ranges::sort(claims, {}, [](const json::Member* claim) {
    return std::pair(is_own_claim(claim->name), claim->name);
  });
  Rows rows = {{"Claim Key", "Claim Value"}};
  for (const json::Member* claim : claims)
    rows.push_back({claim->name, claim_text(claim->name, claim->value)});
  context.out(table(rows));
  return 0;
}

int run_renew(Context& context) {
  const std::optional<json::Value> node = find_node(context, context.words[0]);
  if (!node) return 1;
  const base::Result<Reply> reply = context.api().send(
      "PUT", "/v1/client/identity/renew?node_id=" + text(*node, "ID"), json::Object());
  if (!reply) return context.fail("Error requesting node identity renewal", reply.error());
  return 0;
}

}  // namespace

Command node_identity_get_command() {
  return {.name = "node identity get",
          .synopsis = "Show what the identity of a node says",
          .usage = "[options] <node>",
          .help = "A node's identity is a token that the servers sign for it, for as long as\n"
                  "node_identity_ttl of its pool says. Others can check it by the cluster's JWKS.",
          .flags = {{"json", "", "The answer as JSON."},
                    {"t", "template", "The answer through a Go template."}},
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <node>",
          .run = run_get};
}

Command node_identity_renew_command() {
  return {.name = "node identity renew",
          .synopsis = "Have a node get another identity",
          .usage = "[options] <node>",
          .help = "At once, whatever time the one that it has still counts.",
          .words_min = 1,
          .words_max = 1,
          .takes = "one argument: <node>",
          .run = run_renew};
}

}  // namespace caravan::cli
