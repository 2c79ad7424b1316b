// SPDX-License-Identifier: Apache-2.0
// The template chapter has no dot of its own: data comes through functions. So the answer is served
// by one of them, and the pattern is put into a `with` over it.
#include "cli/template.hpp"

#include <fmt/core.h>

#include "cli/format.hpp"
#include "expr/template.hpp"

namespace caravan::cli {
namespace {

class OneAnswer : public expr::DataSource {
 public:
  explicit OneAnswer(const json::Value& value) : value_(value) {}
  base::Result<json::Value> fetch(const expr::Dependency& dependency) override {
    if (dependency.kind == "nomadVar") return value_;
    return base::invalid(fmt::format("{}: not available here", dependency.kind));
  }
  base::Instant now() override { return {now_ns()}; }

 private:
  const json::Value& value_;
};

}  // namespace

base::Result<std::string> render_template(std::string_view pattern, const json::Value& value) {
  TRY(const expr::Template parsed,
      expr::Template::parse(fmt::format("{{{{with nomadVar `.`}}}}{}{{{{end}}}}", pattern)));
  OneAnswer source(value);
  TRY(expr::Rendering rendering, parsed.render(source));
  return std::move(rendering.text);
}

}  // namespace caravan::cli
