// SPDX-License-Identifier: Apache-2.0
// Any text through runtime interpolation. What is unknown must come out as it went in.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

#include "expr/interpolate.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caravan::expr;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto nothing = [](std::string_view) -> std::optional<std::string> { return std::nullopt; };
  const std::string same = interpolate(text, nothing);
  if (text.find("$${") == std::string::npos && same != text) std::abort();
  (void)interpolate(text, [](std::string_view name) { return std::string(name); });
  (void)references(text);
  return 0;
}
