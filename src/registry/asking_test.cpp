// SPDX-License-Identifier: Apache-2.0
#include "registry/asking.hpp"

#include <gtest/gtest.h>

namespace caravan::registry {
namespace {

using Words = std::vector<std::string>;

TEST(Asking, a_docker_check_runs_by_itself_or_by_its_shell) {
  CheckDefinition check;
  check.args = {"/bin/test me", "-x"};
  EXPECT_EQ(command_of(check), check.args);
  check.shell = "/bin/bash";
  EXPECT_EQ(command_of(check),
            (Words{"/bin/bash", "-c", "exec \"$0\" \"$@\"", "/bin/test me", "-x"}));
  check.args = {"test -f /ready && echo well"};
  EXPECT_EQ(command_of(check), (Words{"/bin/bash", "-c", "test -f /ready && echo well"}));
}

TEST(Asking, secrets_do_not_follow_a_redirect_to_another_machine) {
  http::Headers headers;
  headers.add("Authorization", "Bearer x");
  headers.add("X-Consul-Token", "y");
  headers.add("Accept", "text/plain");
  const http::Headers rest = without_secrets(headers);
  EXPECT_FALSE(rest.contains("authorization"));
  EXPECT_FALSE(rest.contains("x-consul-token"));
  EXPECT_EQ(rest.get("accept"), "text/plain");
}

}  // namespace
}  // namespace caravan::registry
