// SPDX-License-Identifier: Apache-2.0
#include "config/service_definitions.hpp"

#include <gtest/gtest.h>

#include "config/consul_form.hpp"
#include "json/writer.hpp"

namespace caravan::config {
namespace {

std::string read(const std::string& file, const std::string& text) {
  ConsulForm form;
  hcl::Diagnostics diagnostics;
  apply(form, file, text, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.render();
  const CatalogConfig catalog = agent_config(form).catalog;
  return json::to_string(json::Array(catalog.services.begin(), catalog.services.end())) +
         json::to_string(json::Array(catalog.checks.begin(), catalog.checks.end()));
}

TEST(Definitions, stand_in_files_in_every_form) {
  EXPECT_EQ(read("a.hcl", R"(
service {
  name = "web"
  enable_tag_override = true
  meta { some_key = "1" }
  check { http = "http://localhost" interval = "1s" }
}
service {
  id = "db-1"
  name = "db"
  checks = [{ tcp = "localhost:1", interval = "1s" }]
})"),
            R"([{"check":{"http":"http://localhost","interval":"1s"},"enabletagoverride":true,"meta":{"some_key":"1"},"Name":"web"},)"
            R"({"checks":[{"interval":"1s","tcp":"localhost:1"}],"Name":"db","ID":"db-1"}][])");
  EXPECT_EQ(read("b.json", R"({"services": [{"Name": "a"}, {"name": "b"}],
                               "check": {"id": "mem", "args": ["free"], "interval": "5s"}})"),
            R"([{"Name":"a"},{"Name":"b"}][{"args":["free"],"interval":"5s","ID":"mem"}])");
  EXPECT_EQ(read("c.hcl", R"(services = [{ name = "x" }]
checks { id = "one" ttl = "5s" }
checks { id = "two" ttl = "5s" })"),
            R"([{"Name":"x"}][{"ttl":"5s","ID":"one"},{"ttl":"5s","ID":"two"}])");
}

TEST(Definitions, of_a_wrong_kind_are_told) {
  EXPECT_NE(read("d.hcl", "services = 5").find("d.hcl:1"), std::string::npos);
}

}  // namespace
}  // namespace caravan::config
