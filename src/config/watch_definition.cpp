// SPDX-License-Identifier: Apache-2.0
#include "config/watch_definition.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/text.hpp"

namespace caravan::config {
namespace {

constexpr base::Duration hook_timeout_max = std::chrono::minutes(10);

/// What each type takes besides what all take.
const std::map<std::string, std::set<std::string>, std::less<>>& parameters_of_types() {
  static const std::map<std::string, std::set<std::string>, std::less<>> known = {
      {"key", {"key"}},
      {"keyprefix", {"prefix"}},
      {"services", {"filter"}},
      {"nodes", {"filter"}},
      {"service", {"service", "tag", "passingonly", "filter"}},
      {"checks", {"service", "state", "filter"}},
      {"event", {"name"}}};
  return known;
}
constexpr std::string_view of_all_types[] = {
    "type", "datacenter", "token", "handler", "handler_type", "args", "http_handler_config"};

/// Reads one entry; what is wrong is noted by its path.
class EntryReader {
 public:
  EntryReader(const json::Object& entry, std::string path, std::vector<KeyProblem>& problems)
      : entry_(entry), path_(std::move(path)), problems_(problems) {}

  void refuse(std::string_view key, std::string what) {
    problems_.push_back({key.empty() ? path_ : fmt::format("{}.{}", path_, key), std::move(what)});
  }
  std::string text(std::string_view key) {
    const json::Value* value = entry_.find(key);
    if (!value || value->is_null()) return "";
    if (value->as_string()) return *value->as_string();
    refuse(key, fmt::format("is {}, not a string", value->kind()));
    return "";
  }
  bool flag(std::string_view key) {
    const json::Value* value = entry_.find(key);
    if (!value || value->is_null()) return false;
    if (value->as_bool()) return *value->as_bool();
    refuse(key, fmt::format("is {}, not true or false", value->kind()));
    return false;
  }
  /// One text, or a list of them.
  std::vector<std::string> texts(std::string_view key) {
    const json::Value* value = entry_.find(key);
    if (!value || value->is_null()) return {};
    if (value->as_string()) return {*value->as_string()};
    std::vector<std::string> all;
    const json::Array* list = value->as_array();
    for (const json::Value& one : list ? *list : json::Array())
      if (one.as_string()) all.push_back(*one.as_string());
    if (!list || all.size() != list->size()) refuse(key, "is no list of strings");
    return all;
  }
  /// A block, which stands in a list of one when it was written as one.
  const json::Object* object(std::string_view key) {
    const json::Value* value = entry_.find(key);
    if (!value || value->is_null()) return nullptr;
    const json::Array* list = value->as_array();
    const json::Object* inner =
        list && list->size() == 1 ? list->front().as_object() : value->as_object();
    if (!inner) refuse(key, fmt::format("is {}, not an object", value->kind()));
    return inner;
  }
  template <class IsKnown>
  void refuse_others(const IsKnown& is_known, std::string_view whose) {
    for (const auto& [name, value] : entry_)
      if (!is_known(name)) refuse(base::printable(name, 40), fmt::format("is nothing of {}", whose));
  }

 private:
  const json::Object& entry_;
  std::string path_;
  std::vector<KeyProblem>& problems_;
};

WatchSubject subject_of(EntryReader& entry) {
  WatchSubject subject;
  subject.type = entry.text("type");
  subject.key = entry.text("key");
  subject.prefix = entry.text("prefix");
  subject.service = entry.text("service");
  subject.state = entry.text("state");
  subject.name = entry.text("name");
  subject.filter = entry.text("filter");
  subject.tags = entry.texts("tag");
  subject.passing_only = entry.flag("passingonly");
  if (const base::Result<WatchQuestion> question = watch_question(subject, ""); !question) {
    entry.refuse("", question.error().message);
    return subject;
  }
  const std::set<std::string>& own = parameters_of_types().at(subject.type);
  entry.refuse_others(
      [&](const std::string& name) {
        return own.contains(name) || 
               std::ranges::find(of_all_types, name) != std::end(of_all_types);
      },
      "a watch of type " + subject.type);
  return subject;
}

WatchHook hook_of(const json::Object& config, const std::string& path,
                  std::vector<KeyProblem>& problems) {
  EntryReader entry(config, path, problems);
  WatchHook hook;
  hook.url = entry.text("path");
  if (!hook.url.starts_with("http://") && !hook.url.starts_with("https://"))
    entry.refuse("path", fmt::format("\"{}\" is no http:// or https:// address",
                                     base::printable(hook.url, 80)));
  if (const std::string method = entry.text("method"); !method.empty()) hook.method = method;
  if (!std::ranges::all_of(hook.method, [](char c) { return c >= 'A' && c <= 'Z'; }))
    entry.refuse("method", fmt::format("\"{}\" is no method such as POST",
                                       base::printable(hook.method, 40)));
  if (const std::string timeout = entry.text("timeout"); !timeout.empty()) {
    const base::Result<base::Duration> read = base::parse_duration(timeout);
    if (!read || *read <= base::Duration(0) || *read > hook_timeout_max)
      entry.refuse("timeout", fmt::format("\"{}\" is no duration up to {}",
                                          base::printable(timeout, 40),
                                          base::format_duration(hook_timeout_max)));
    else
      hook.timeout = *read;
  }
  hook.tls_skip_verify = entry.flag("tls_skip_verify");
  if (const json::Object* headers = entry.object("header")) {
    EntryReader values(*headers, path + ".header", problems);
    for (const auto& [name, value] : *headers)
      for (const std::string& one : values.texts(name))
        hook.headers.emplace_back(name, one);
    for (const auto& [name, value] : hook.headers)
      if ((name + value).find_first_of("\r\n") != std::string::npos || name.empty())
        entry.refuse("header", "a header has no line breaks, and a name");
  }
  entry.refuse_others(
      [](std::string_view name) {
        return name == "path" || name == "method" || name == "timeout" || name == "header" ||
               name == "tls_skip_verify";
      },
      "http_handler_config");
  return hook;
}

WatchScript script_of(EntryReader& entry) {
  const std::string line = entry.text("handler");
  std::vector<std::string> args = entry.texts("args");
  if (line.empty() == args.empty())
    entry.refuse("args", line.empty() ? "is needed: the program that is told, and its arguments"
                                      : "cannot stand beside handler");
  if (!line.empty()) args = {"/bin/sh", "-c", line};
  return {std::move(args)};
}

WatchDefinition definition_of(const json::Object& object, const std::string& path,
                              std::vector<KeyProblem>& problems) {
  EntryReader entry(object, path, problems);
  WatchDefinition watch;
  watch.subject = subject_of(entry);
  watch.token = entry.text("token");
  watch.datacenter = entry.text("datacenter");
  const std::string type = entry.text("handler_type");
  const json::Object* config = entry.object("http_handler_config");
  if (type != "" && type != "script" && type != "http")
    entry.refuse("handler_type",
                 fmt::format("\"{}\" is none of script, http", base::printable(type, 40)));
  if (type == "http" && !config)
    entry.refuse("http_handler_config", "is needed for handlers of type http");
  else if (type == "http")
    watch.handler = hook_of(*config, path + ".http_handler_config", problems);
  else
    watch.handler = script_of(entry);
  if (type != "http" && config)
    entry.refuse("http_handler_config", "is nothing without handler_type = \"http\"");
  if (type == "http" && (!entry.texts("args").empty() || !entry.text("handler").empty()))
    entry.refuse("args", "are nothing for handlers of type http");
  return watch;
}

}  // namespace

std::vector<WatchDefinition> watch_definitions(const std::vector<json::Value>& entries,
                                               std::vector<KeyProblem>& problems) {
  std::vector<WatchDefinition> all;
  if (entries.size() > watches_max) {
    problems.push_back({"watches", fmt::format("there are {} of them, and at most {} are run",
                                               entries.size(), watches_max)});
    return all;
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::size_t before = problems.size();
    WatchDefinition watch =
        definition_of(*entries[i].as_object(), fmt::format("watches[{}]", i), problems);
    if (problems.size() == before) all.push_back(std::move(watch));
  }
  return all;
}

}  // namespace caravan::config
