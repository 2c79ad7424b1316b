// SPDX-License-Identifier: Apache-2.0
#include "model/intention.hpp"

#include <gtest/gtest.h>

namespace caravan::model {
namespace {

Intention intention(std::string source, bool allows, std::uint8_t id = 0) {
  Intention one;
  one.source = std::move(source);
  one.destination = "db";
  one.allows = allows;
  one.id.bytes[15] = id;
  if (id != 0) one.create_time = one.update_time = "2026-01-02T03:04:05Z";
  return one;
}

TEST(Intention, names_count_before_stars_and_destinations_before_sources) {
  EXPECT_EQ(precedence_of("web", "db"), 9);
  EXPECT_EQ(precedence_of("*", "db"), 8);
  EXPECT_EQ(precedence_of("web", "*"), 6);
  EXPECT_EQ(precedence_of("*", "*"), 5);
}

TEST(Intention, an_entry_and_its_intentions_say_the_same) {
  Intention known = intention("web", true, 7);
  known.meta["why"] = "because";
  known.description = "reads";
  const ConfigEntry entry = entry_of("db", {intention("*", false), known}, nullptr);
  EXPECT_EQ(entry.key(), ConfigKey(ConfigKind::service_intentions, "db"));
  const std::vector<Intention> read = intentions_of(entry);
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].source, "web") << "the one that counts first";
  EXPECT_EQ(read[0].id, known.id);
  EXPECT_EQ(read[0].meta, known.meta);
  EXPECT_EQ(read[0].description, "reads");
  EXPECT_TRUE(read[0].allows_connection());
  EXPECT_FALSE(read[1].allows_connection());
  EXPECT_EQ(entry_of("db", read, &entry).body, entry.body);
}

TEST(Intention, one_about_requests_allows_no_connection) {
  Intention one = intention("web", true);
  one.permissions = json::Array{json::Object{{"Action", "allow"}}};
  EXPECT_FALSE(one.allows_connection());
  const std::vector<Intention> read = intentions_of(entry_of("db", {one}, nullptr));
  EXPECT_TRUE(read[0].is_about_requests());
  EXPECT_EQ(read[0].permissions, one.permissions);
}

TEST(Intention, a_written_entry_keeps_what_is_known_of_its_sources_and_makes_none_up) {
  const ConfigEntry before = entry_of("db", {intention("web", true, 7)}, nullptr);
  Intention forged = intention("api", true, 9);
  ConfigEntry written = entry_of("db", {intention("web", false), forged}, nullptr);
  written.body.as_object()->operator[]("Meta") = json::Object{{"team", "a"}};
  const ConfigEntry kept = with_known_sources(written, &before);
  const std::vector<Intention> read = intentions_of(kept);
  ASSERT_EQ(read.size(), 2U);
  EXPECT_TRUE(read[0].id.is_nil()) << "api: ids are not given by entries";
  EXPECT_EQ(read[1].id.bytes[15], 7);
  EXPECT_FALSE(read[1].allows);
  EXPECT_EQ(kept.body.at("Meta").at("team"), json::Value("a"));
}

}  // namespace
}  // namespace caravan::model
