// SPDX-License-Identifier: Apache-2.0
// Any text as a job file, and as an agent's configuration.
#include <cstdint>
#include <string>

#include "config/load.hpp"
#include "jobspec/jobspec.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace caravan;
  const std::string text(reinterpret_cast<const char*>(data), size);
  jobspec::ParseInput input;
  input.source = text;
  input.variables = {{"image", "x"}};
  input.variable_files = {{"vars", "image = \"y\""}};
  (void)jobspec::parse(input);
  config::AgentConfig agent;
  hcl::Diagnostics diagnostics;
  config::apply(agent, "fuzz", text, diagnostics);
  (void)config::problems(agent);
  (void)config::not_built(agent);
  return 0;
}
