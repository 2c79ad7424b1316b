// SPDX-License-Identifier: Apache-2.0
#include "expr/interpolate.hpp"

#include <gtest/gtest.h>

#include <map>

namespace caravan::expr {
namespace {

std::string filled(std::string_view text) {
  const std::map<std::string, std::string, std::less<>> known = {
      {"NOMAD_DC", "dc1"},
      {"attr.unique.network.ip-address", "10.0.0.1"},
      {"env.A.B", "odd"},
      {"meta.loop", "${NOMAD_DC}"}};
  return interpolate(text, [&](std::string_view name) -> std::optional<std::string> {
    const auto found = known.find(name);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  });
}

TEST(Interpolation, fills_in_what_is_known) {
  EXPECT_EQ(filled("${NOMAD_DC}-${attr.unique.network.ip-address}:80"), "dc1-10.0.0.1:80");
  EXPECT_EQ(filled("${env[\"A.B\"]} ${ NOMAD_DC }"), "odd dc1");
}

TEST(Interpolation, leaves_the_rest_alone) {
  EXPECT_EQ(filled("${nope} ${ ${a+b} ${} $NOMAD_DC ${NOMAD_DC"),
            "${nope} ${ ${a+b} ${} $NOMAD_DC ${NOMAD_DC");
  EXPECT_EQ(filled("${env[\"nope\"]}"), "${env[\"nope\"]}");
}

TEST(Interpolation, can_be_escaped) { EXPECT_EQ(filled("$${NOMAD_DC}"), "${NOMAD_DC}"); }

TEST(Interpolation, is_done_once) { EXPECT_EQ(filled("${meta.loop}"), "${NOMAD_DC}"); }

TEST(References, are_named_once_each) {
  EXPECT_EQ(references("${a.b} $${c} ${env[\"x\"]} ${a.b}"),
            (std::vector<std::string>{"a.b", "env.x"}));
}

}  // namespace
}  // namespace caravan::expr
