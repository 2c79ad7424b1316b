// SPDX-License-Identifier: Apache-2.0
// The variables' part of a cycle.
#include <boost/asio/awaitable.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "gitops/operator.hpp"
#include "json/writer.hpp"

namespace caravan::gitops {
namespace {

std::string target_of(const std::string& ns, const std::string& path) {
  return "/v1/var/" + base::percent_encode(path) + "?namespace=" + base::percent_encode(ns);
}

}  // namespace

/// What is not there has index 0 and no items.
io::Task<base::Result<Operator::VariableState>> Operator::variable(std::string ns,
                                                                   std::string path) {
  VariableState state;
  const base::Result<json::Value> found = co_await json("GET", target_of(ns, path));
  if (!found && found.error().code == base::Code::not_found) co_return state;
  if (!found) co_return std::unexpected(found.error());
  state.modify_index = found->at("ModifyIndex").as_unsigned().value_or(0);
  if (const json::Object* items = found->at("Items").as_object())
    for (const json::Member& item : *items)
      if (item.value.as_string()) state.items[item.name] = *item.value.as_string();
  co_return state;
}

io::Task<void> Operator::write(const std::string& ns, const std::string& path,
                               const VariableState& before, Items after, std::string file) {
  const std::string target =
      target_of(ns, path) + fmt::format("&cas={}", before.modify_index);
  base::Result<json::Value> done;
  if (after.empty()) {
    say_(fmt::format("Deleting variable [{}]", path));
    done = co_await json("DELETE", target);
  } else {
    say_(fmt::format("Writing variable [{}]", path));
    json::Object items;
    for (auto& [key, value] : after)
      items[key] = std::move(value);
    std::string body = json::to_string(
        json::Object{{"Namespace", ns}, {"Path", path}, {"Items", std::move(items)}});
    done = co_await json("PUT", target, std::move(body));
  }
  if (!done) co_return complain(std::move(file), fmt::format("variable \"{}\": {}", path, done.error().message));
  ++(after.empty() ? report_.deleted : report_.applied);
}

io::Task<void> Operator::apply_variables(const Sources& sources) {
  std::set<std::pair<std::string, std::string>> wanted;
  bool some_unread = std::ranges::any_of(
      report_.problems, [](const Problem& problem) { return !problem.file.empty(); });
  for (const SourceFile& file : sources.variables) {
    const base::Result<VariableFile> parsed = parse_variable_file(file.text);
    if (!parsed) {
      complain(file.path, fmt::format("Failed to parse file: {}", parsed.error().message));
      some_unread = true;
      continue;
    }
    if (!wanted.insert({parsed->ns, parsed->path}).second) {
      complain(file.path, fmt::format("Skipping duplicate variable [{}]", parsed->path));
      continue;
    }
    const auto before = co_await variable(parsed->ns, parsed->path);
    if (!before) {
      complain(file.path, fmt::format("variable \"{}\": {}", parsed->path, before.error().message));
      continue;
    }
    Items after = merged(before->items, parsed->items, settings_.prune);
    if (after != before->items)
      co_await write(parsed->ns, parsed->path, *before, std::move(after), file.path);
  }
  if (settings_.prune && !some_unread) co_await prune_variables(wanted);
}

/// Those that only an earlier commit spoke of. Each is read once for each change of it.
io::Task<void> Operator::prune_variables(
    const std::set<std::pair<std::string, std::string>>& wanted) {
  const std::string all = "/v1/vars?namespace=%2A";
  const base::Result<json::Value> list = co_await json("GET", all);
  if (!list || !list->as_array()) co_return;  // none may be seen
  for (const json::Value& stub : *list->as_array()) {
    const std::string* ns = stub.at("Namespace").as_string();
    const std::string* path = stub.at("Path").as_string();
    if (!ns || !path || wanted.contains({*ns, *path})) continue;
    const std::uint64_t index = stub.at("ModifyIndex").as_unsigned().value_or(0);
    auto& [seen, is_ours] = seen_[{*ns, *path}];
    if (seen == index && !is_ours) continue;
    const auto before = co_await variable(*ns, *path);
    if (!before) continue;
    seen = before->modify_index;
    is_ours = !managed_keys(before->items).empty();
    if (is_ours) co_await write(*ns, *path, *before, merged(before->items, {}, true), "");
  }
}

}  // namespace caravan::gitops
