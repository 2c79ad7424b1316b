// SPDX-License-Identifier: Apache-2.0
#include "cli/consul/free_file.hpp"

#include "base/text.hpp"
#include "cli/job_file.hpp"
#include "hcl/parser.hpp"
#include "hcl/reader.hpp"

namespace caravan::cli::consul {

base::Result<json::Value> read_free_file(const std::string& path) {
  TRY(std::string text, read_text(path));
  hcl::Diagnostics diagnostics;
  const hcl::File file = hcl::parse(path, std::move(text), hcl::Dialect::plain, diagnostics);
  std::optional<hcl::Value> all;
  if (!diagnostics.has_errors()) {
    hcl::Run run(diagnostics);
    const hcl::Scope scope;
    all = hcl::free_form({file.body.get(), &scope}, run);
  }
  if (!all || diagnostics.has_errors())
    return base::invalid(std::string(base::trim(diagnostics.render())));
  return all->to_json();
}

}  // namespace caravan::cli::consul
