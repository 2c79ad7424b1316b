// SPDX-License-Identifier: Apache-2.0
#include "config/load.hpp"

#include <fmt/core.h>

#include "config/key_reader.hpp"
#include "hcl/parser.hpp"

namespace caravan::config {

void apply(AgentConfig& config, std::string file_name, std::string text,
           hcl::Diagnostics& diagnostics) {
  const hcl::File file =
      hcl::parse(std::move(file_name), std::move(text), hcl::Dialect::plain, diagnostics);
  if (diagnostics.has_errors()) return;
  hcl::Run run(diagnostics);
  const hcl::Scope scope;
  KeyReader reader({file.body.get(), &scope}, run, "", config.set);
  keys(reader, config);
  reader.finish();
}

}  // namespace caravan::config
