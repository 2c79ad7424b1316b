// SPDX-License-Identifier: Apache-2.0
// The template language of `template { data = … }`: Go's text/template with the functions that
// consul-template users know. Parsing and rendering are pure; data comes through DataSource, and a
// rendering says which data it used and what it still waits for.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "json/value.hpp"

namespace caravan::expr {

inline constexpr std::size_t template_bytes_max = 1 << 20;
inline constexpr std::size_t rendered_bytes_max = 16 << 20;
/// Bytes of one value that functions may build, and its nesting.
inline constexpr std::size_t template_value_bytes_max = 4 << 20;
inline constexpr int template_depth_max = 64;
/// Actions run, loop turns taken, and a share of the bytes that functions touch.
inline constexpr std::int64_t template_steps_max = 4'000'000;

/// Something outside that a template asked for, such as {"key", {"app/port"}} or
/// {"secret", {"kv/db", "ttl=1h"}}. The kind is the function's name, with the variants of one
/// question (key, keyExists, keyOrDefault) under the first of them.
struct Dependency {
  std::string kind;
  std::vector<std::string> arguments;
  friend auto operator<=>(const Dependency&, const Dependency&) = default;
};

class DataSource {
 public:
  virtual ~DataSource() = default;
  /// The data in the shape the function is documented to return, or a null value when there is none
  /// (yet). Errors end the rendering.
  ///
  /// env, file, key: a string. ls, tree: [{Key, Value, Path, …}]. service, nomadService, nodes, …:
  /// a list of objects. secret, node, nomadVar: an object. nomadVarList, secrets: a list.
  virtual base::Result<json::Value> fetch(const Dependency& dependency) = 0;
  virtual base::Instant now() = 0;
};

struct TemplateOptions {
  std::string left_delimiter = "{{";
  std::string right_delimiter = "}}";
  bool error_on_missing_key = false;
};

struct Rendering {
  std::string text;
  std::vector<Dependency> used;     // each once, in order of first use
  std::vector<Dependency> missing;  // data that has to appear before the text means anything
  bool complete() const { return missing.empty(); }
};

struct ParsedTemplate;

/// A template that has been read once and may be rendered often.
class Template {
 public:
  /// Errors: invalid, "template: line:column: what is wrong"; too_large.
  static base::Result<Template> parse(std::string_view text, const TemplateOptions& options = {});

  /// While data is missing, errors that come of its absence are no errors: the caller waits.
  base::Result<Rendering> render(DataSource& source) const;

 private:
  explicit Template(std::shared_ptr<const ParsedTemplate> parsed) : parsed_(std::move(parsed)) {}
  std::shared_ptr<const ParsedTemplate> parsed_;
};

}  // namespace caravan::expr
