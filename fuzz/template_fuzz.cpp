// SPDX-License-Identifier: Apache-2.0
// Any text as a template, over a source that has an answer of some shape for every question.
#include <cstdint>
#include <string>

#include "expr/template.hpp"

namespace {

using namespace caravan;

class AnySource : public expr::DataSource {
 public:
  base::Result<json::Value> fetch(const expr::Dependency& dependency) override {
    switch ((dependency.kind.size() + dependency.arguments.size()) % 4) {
      case 0:
        return json::Value("text");
      case 1:
        return json::Value(nullptr);
      case 2:
        return json::Value(json::Array{json::Object{{"Key", "a/b"}, {"Value", "v"}}, 2, "x"});
      default:
        return json::Value(json::Object{{"Data", json::Object{{"a", 1.5}}}, {"Port", 80}});
    }
  }
  base::Instant now() override { return base::Instant::from_seconds(1'700'000'000); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = expr::Template::parse(text);
  if (!parsed) return 0;
  AnySource source;
  (void)parsed->render(source);
  return 0;
}
