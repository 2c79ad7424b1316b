// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include <fmt/core.h>

#include "cli/face.hpp"
#include "cli/format.hpp"
#include "cli/template.hpp"

namespace caravan::cli {

std::string program_name() {
  const std::string name = program_invocation_short_name;
  return name == "nomad" || name == "consul" ? name : "caravan";
}

std::string env_or(const char* name, std::string otherwise) {
  const char* value = std::getenv(name);
  return value && *value ? value : otherwise;
}

void Context::raw(std::string_view text) {
  if (broken_) return;
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) broken_ = true;
}

void Context::out(std::string_view text) { raw(std::string(text) + "\n"); }

void Context::err(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fputc('\n', stderr);
}

int Context::fail(std::string_view why) {
  err(why);
  return 1;
}

int Context::fail(std::string_view what, const base::Error& error) {
  return fail(fmt::format("{}: {}", what, error.message));
}

int Context::wrong_use(std::string_view why) {
  return fail(
      fmt::format("{}\nFor additional help try '{} {} -help'", why, face.program, command.name));
}

bool Context::shows_data(const json::Value& value, int& code) {
  const std::string pattern = flags.text("t");
  if (!flags.on("json") && pattern.empty()) return false;
  code = 0;
  if (flags.on("json") && !pattern.empty()) {
    code = fail("Both json and template formatting are not allowed");
  } else if (pattern.empty()) {
    out(pretty_json(value));
  } else if (const base::Result<std::string> rendered = render_template(pattern, value)) {
    out(*rendered);
  } else {
    code = fail("Error formatting with the template", rendered.error());
  }
  return true;
}

}  // namespace caravan::cli
