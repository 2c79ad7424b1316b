// SPDX-License-Identifier: Apache-2.0
// Any text through the language: both dialects, both syntaxes, every attribute evaluated.
#include <cstdint>
#include <string>

#include "hcl/parser.hpp"
#include "hcl/reader.hpp"
#include "hcl/walk.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caravan::hcl;
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const Dialect dialect : {Dialect::strict, Dialect::plain}) {
    Diagnostics diagnostics;
    const File file = parse("fuzz", text, dialect, diagnostics);
    Run run(diagnostics);
    Scope scope(Scope::UnknownRoot::keep);
    scope.set("var", Value::map({{"list", Value::list({1, "a", true})}, {"text", "x"}}));
    if (const auto value = free_form({file.body.get(), &scope}, run)) (void)value->to_json();
    for_each_reference(*file.body, [](const Reference&) {});
    BodyReader reader({file.body.get(), &scope}, run, true);
    for (const char* name : {"a", "group", "job"})
      reader.blocks(name, 1);
    reader.finish();
    (void)diagnostics.render();
  }
  return 0;
}
