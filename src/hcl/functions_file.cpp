// SPDX-License-Identifier: Apache-2.0
// Files, through the interface that the caller passed, or not at all.
#include <fmt/core.h>

#include "base/text.hpp"
#include "hcl/functions.hpp"

namespace caravan::hcl {
namespace {

using base::Result;

Result<Files*> files_of(const Arguments& a) {
  if (a.outside().files == nullptr) return base::invalid("filesystem functions disabled");
  return a.outside().files;
}

Result<Value> abspath(const Arguments& a) {
  TRY(Files * files, files_of(a));
  TRY(std::string path, files->absolute(a.text(0)));
  return Value(std::move(path));
}

Result<Value> basename(const Arguments& a) {
  TRY_VOID(files_of(a));
  std::string_view path = a.text(0);
  if (path.empty()) return Value(".");
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return Value(path == "/" ? path : path.substr(path.rfind('/') + 1));
}

Result<Value> dirname(const Arguments& a) {
  TRY_VOID(files_of(a));
  std::string_view path = a.text(0);
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return Value(".");
  path = path.substr(0, slash);
  while (path.ends_with('/')) path.remove_suffix(1);
  return Value(path.empty() ? "/" : path);
}

Result<Value> file(const Arguments& a) {
  TRY(Files * files, files_of(a));
  TRY(std::string text, files->read(a.text(0)));
  if (!base::is_utf8(text) || text.find('\0') != std::string::npos)
    return base::invalid(fmt::format("contents of {} are not valid UTF-8; use filebase64 instead",
                                     base::printable(a.text(0), 200)));
  return Value(std::move(text));
}

Result<Value> filebase64(const Arguments& a) {
  TRY(Files * files, files_of(a));
  TRY(const std::string bytes, files->read(a.text(0)));
  return Value(base::base64_encode(bytes));
}

Result<Value> fileexists(const Arguments& a) {
  TRY(Files * files, files_of(a));
  TRY(const bool exists, files->exists(a.text(0)));
  return Value(exists);
}

/// Whether one path segment matches one pattern segment of `*` and `?`.
bool segment_matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0;
  std::size_t star = std::string_view::npos, star_n = 0;  // where to come back to
  while (n < name.size()) {
    if (p < pattern.size() && (pattern[p] == '?' || (pattern[p] == name[n] && pattern[p] != '*'))) {
      ++p;
      ++n;
    } else if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_n = n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_n;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// `**` stands for any number of directories. The table keeps it from being exponential.
bool path_matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  std::vector<bool> row(path.size() + 1, false);
  row[0] = true;
  for (const std::string& part : pattern) {
    std::vector<bool> next(path.size() + 1, false);
    if (part == "**") {
      bool seen = false;
      for (std::size_t i = 0; i <= path.size(); ++i) next[i] = seen = seen || row[i];
    } else {
      for (std::size_t i = 0; i < path.size(); ++i)
        next[i + 1] = row[i] && segment_matches(part, path[i]);
    }
    row = std::move(next);
  }
  return row.back();
}

Result<Value> fileset(const Arguments& a) {
  TRY(Files * files, files_of(a));
  TRY(const std::vector<std::string> names, files->list(a.text(0)));
  const std::vector<std::string> pattern = base::split(a.text(1), '/');
  Value::List found;
  for (const std::string& name : names)
    if (path_matches(pattern, base::split(name, '/'))) found.emplace_back(name);
  return Value::set(std::move(found));
}

Result<Value> pathexpand(const Arguments& a) {
  TRY(Files * files, files_of(a));
  const std::string& path = a.text(0);
  if (path != "~" && !path.starts_with("~/")) return Value(path);
  TRY(std::string home, files->home());
  return Value(home + path.substr(1));
}

constexpr Function rows[] = {
    {"abspath", "path:s", abspath},           {"basename", "path:s", basename},
    {"dirname", "path:s", dirname},           {"file", "path:s", file},
    {"filebase64", "path:s", filebase64},     {"fileexists", "path:s", fileexists},
    {"fileset", "path:s pattern:s", fileset}, {"pathexpand", "path:s", pathexpand},
};

}  // namespace

std::span<const Function> file_functions() { return rows; }

}  // namespace caravan::hcl
