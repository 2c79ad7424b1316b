// SPDX-License-Identifier: Apache-2.0
#include "acl/permissions.hpp"

#include <optional>
#include <random>

#include <gtest/gtest.h>

namespace caravan::acl {
namespace {

Permissions of(std::initializer_list<std::string> texts) {
  std::vector<Rules> rules;
  for (const std::string& text : texts)
    rules.push_back(parse_rules("p", text).value());
  return Permissions(rules);
}

TEST(Permissions, nothing_is_allowed_without_a_rule) {
  const Permissions none;
  EXPECT_FALSE(none.allows(Capability::list_jobs, "default"));
  EXPECT_FALSE(none.allows(Capability::node_read, ""));
  EXPECT_FALSE(none.allows(Capability::management, ""));
  EXPECT_TRUE(none.allows(Capability::anyone, ""));
}

TEST(Permissions, management_may_do_all) {
  const Permissions all = Permissions::management();
  EXPECT_TRUE(all.allows(Capability::management, ""));
  EXPECT_TRUE(all.allows(Capability::alloc_node_exec, "x"));
  EXPECT_TRUE(all.allows_variable(Capability::variable_destroy, "x", "y"));
}

TEST(Permissions, the_exact_name_counts_before_any_glob) {
  const Permissions p = of({R"(namespace "*" { policy = "write" }
                               namespace "prod" { policy = "read" }
                               namespace "prod-*" { policy = "deny" })"});
  EXPECT_TRUE(p.allows(Capability::submit_job, "dev"));
  EXPECT_FALSE(p.allows(Capability::submit_job, "prod"));
  EXPECT_TRUE(p.allows(Capability::read_job, "prod"));
  EXPECT_FALSE(p.allows(Capability::read_job, "prod-eu"));
}

TEST(Permissions, the_nearest_glob_counts_alone) {
  const Permissions p = of({R"(namespace "prod-*" { policy = "write" }
                               namespace "prod-api-*" { policy = "read" }
                               namespace "*-api-eu" { policy = "deny" })"});
  EXPECT_TRUE(p.allows(Capability::submit_job, "prod-web"));
  EXPECT_FALSE(p.allows(Capability::submit_job, "prod-api-us"));
  EXPECT_TRUE(p.allows(Capability::read_job, "prod-api-eu"));  // 3 left to the star, not 5
}

TEST(Permissions, denial_overrides_what_other_policies_grant) {
  const Permissions p = of({R"(namespace "default" { policy = "write" } node { policy = "write" })",
                            R"(namespace "default" { policy = "deny" } node { policy = "deny" }
                               agent { policy = "read" })"});
  EXPECT_FALSE(p.allows(Capability::read_job, "default"));
  EXPECT_FALSE(p.allows(Capability::see_namespace, "default"));
  EXPECT_FALSE(p.allows(Capability::node_read, ""));
  EXPECT_TRUE(p.allows(Capability::agent_read, ""));
  EXPECT_FALSE(p.allows(Capability::agent_write, ""));
}

TEST(Permissions, submit_job_opens_what_has_a_finer_name) {
  const Permissions broad = of({R"(namespace "default" { capabilities = ["submit-job"] })"}),
                    fine = of({R"(namespace "default" { capabilities = ["purge-job"] })"});
  EXPECT_TRUE(broad.allows(Capability::purge_job, "default"));
  EXPECT_TRUE(broad.allows(Capability::promote_deployment, "default"));
  EXPECT_FALSE(broad.allows(Capability::dispatch_job, "default"));
  EXPECT_TRUE(fine.allows(Capability::purge_job, "default"));
  EXPECT_FALSE(fine.allows(Capability::deregister_job, "default"));
  EXPECT_FALSE(fine.allows(Capability::submit_job, "default"));
}

TEST(Permissions, node_pools_have_names) {
  const Permissions p =
      of({R"(node_pool "gpu-*" { policy = "write" } node_pool "*" { policy = "read" })"});
  EXPECT_TRUE(p.allows(Capability::pool_delete, "gpu-1"));
  EXPECT_FALSE(p.allows(Capability::pool_write, "default"));
  EXPECT_TRUE(p.allows(Capability::pool_read, "default"));
}

TEST(Permissions, variables_are_decided_by_namespace_and_path) {
  const Permissions p = of({R"(
    namespace "*" { variables { path "shared/*" { capabilities = ["read"] } } }
    namespace "dev" {
      variables {
        path "*" { capabilities = ["write"] }
        path "secret/*" { capabilities = ["deny"] }
      }
    })"});
  EXPECT_TRUE(p.allows_variable(Capability::variable_read, "prod", "shared/a"));
  EXPECT_TRUE(p.allows_variable(Capability::variable_list, "prod", "shared/a"));
  EXPECT_FALSE(p.allows_variable(Capability::variable_write, "prod", "shared/a"));
  EXPECT_TRUE(p.allows_variable(Capability::variable_write, "dev", "x"));
  EXPECT_FALSE(p.allows_variable(Capability::variable_write, "dev", "secret/x"));
  EXPECT_FALSE(p.allows_variable(Capability::variable_read, "prod", "other"));
}

TEST(Permissions, somewhere_is_where_a_rule_grants_it) {
  const Permissions p =
      of({R"(namespace "a" { policy = "read" } namespace "b" { policy = "deny" })"});
  EXPECT_TRUE(p.allows_somewhere(Capability::read_job));
  EXPECT_FALSE(p.allows_somewhere(Capability::alloc_exec));
  EXPECT_FALSE(p.allows_somewhere(Capability::node_read));
}

/// The documented words, as plainly as they can be written: every way to fill the stars.
bool fits(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern[0] != '*')
    return !name.empty() && pattern[0] == name[0] && fits(pattern.substr(1), name.substr(1));
  for (std::size_t n = 0; n <= name.size(); ++n)
    if (fits(pattern.substr(1), name.substr(n))) return true;
  return false;
}

struct Line {
  std::string pattern;
  std::vector<std::string> words;
};

bool oracle(const std::vector<Line>& lines, const std::string& word, const std::string& name) {
  std::optional<std::string> chosen;
  for (const Line& line : lines)
    if (line.pattern == name) chosen = name;
  long best = 0;
  if (!chosen)
    for (const Line& line : lines) {
      if (!fits(line.pattern, name)) continue;
      const long far = static_cast<long>(name.size()) - static_cast<long>(line.pattern.size()) +
                       std::ranges::count(line.pattern, '*');
      if (!chosen || far < best || (far == best && line.pattern < *chosen)) {
        chosen = line.pattern;
        best = far;
      }
    }
  bool allowed = false, denied = false;
  for (const Line& line : lines)
    if (chosen && line.pattern == *chosen)
      for (const std::string& each : line.words) {
        denied = denied || each == "deny";
        allowed = allowed || each == word;
      }
  return allowed && !denied;
}

TEST(Permissions, agree_with_a_naive_reading_of_the_documentation) {
  std::mt19937 random(20'261'121);
  const auto pick = [&](std::size_t n) { return random() % n; };
  const std::vector<std::string> words = {"read-job", "read-logs", "read-fs", "alloc-exec", "deny"};
  const Capability capabilities[] = {Capability::read_job, Capability::read_logs,
                                     Capability::read_fs, Capability::alloc_exec};
  int allowed = 0;
  for (int round = 0; round < 1500; ++round) {
    std::vector<Line> lines(1 + pick(5));
    std::vector<Rules> policies;
    for (Line& line : lines) {
      for (std::size_t n = 1 + pick(4); n > 0; --n)
        line.pattern += "ab*-"[pick(4)];
      std::string text = "namespace \"" + line.pattern + "\" { capabilities = [";
      for (std::size_t n = 1 + pick(3); n > 0; --n) {
        line.words.push_back(words[pick(10) == 0 ? 4 : pick(4)]);
        text += "\"" + line.words.back() + "\",";
      }
      policies.push_back(parse_rules("p", text + "] }").value());
    }
    const Permissions permissions(policies);
    for (int question = 0; question < 8; ++question) {
      std::string name;
      for (std::size_t n = 1 + pick(4); n > 0; --n)
        name += "ab-"[pick(3)];
      const std::size_t what = pick(4);
      const bool may = permissions.allows(capabilities[what], name);
      ASSERT_EQ(may, oracle(lines, words[what], name)) << "round " << round << " name " << name;
      allowed += may ? 1 : 0;
    }
  }
  EXPECT_GT(allowed, 200);  // the questions are not all answered with no
}

TEST(Capabilities, every_word_names_its_capability) {
  for (std::size_t i = 0; i < capability_count; ++i) {
    const auto capability = static_cast<Capability>(i);
    const Realm realm = realm_of(capability);
    if (realm != Realm::none) EXPECT_EQ(capability_of(realm, word_of(capability)), capability);
    EXPECT_FALSE(capability_name(capability).empty());
    EXPECT_EQ(realm_of(broader(capability)), realm);
  }
}

TEST(Permissions, a_workload_reads_its_own_variables_and_no_others) {
  Permissions p = of({R"(namespace "default" { variables {
                           path "nomad/jobs/web/secret" { capabilities = ["deny"] } } })"});
  p.own("default", {"nomad/jobs", "nomad/jobs/*", "nomad/jobs/web/secret"});
  const auto reads = [&](const char* ns, const char* path) {
    return p.allows_variable(Capability::variable_read, ns, path);
  };
  EXPECT_TRUE(reads("default", "nomad/jobs"));
  EXPECT_TRUE(reads("default", "nomad/jobs/*")) << "a job may be called so";
  EXPECT_FALSE(reads("default", "nomad/jobs/other")) << "and a name is no glob";
  EXPECT_FALSE(reads("other", "nomad/jobs"));
  EXPECT_FALSE(reads("default", "nomad/jobs/web/secret")) << "a policy names it";
  EXPECT_FALSE(p.allows_variable(Capability::variable_write, "default", "nomad/jobs"));
}

TEST(Permissions, of_keys_the_name_itself_counts_and_else_its_longest_beginning) {
  const Permissions p = of({R"(key_prefix "" { policy = "read" }
                               key_prefix "app/" { policy = "write" }
                               key_prefix "app/secret" { policy = "deny" }
                               key "app/secret/mine" { policy = "read" }
                               key "a*" { policy = "write" })"});
  EXPECT_TRUE(p.allows(Capability::key_read, "other"));
  EXPECT_FALSE(p.allows(Capability::key_write, "other"));
  EXPECT_TRUE(p.allows(Capability::key_write, "app/x"));
  EXPECT_FALSE(p.allows(Capability::key_read, "app/secrets"));
  EXPECT_TRUE(p.allows(Capability::key_read, "app/secret/mine"));
  EXPECT_FALSE(p.allows(Capability::key_write, "ab")) << "stars mean nothing in a key";
  EXPECT_TRUE(p.allows(Capability::key_write, "a*"));
}

TEST(Permissions, the_longest_beginning_is_found_between_others) {
  const Permissions p = of({R"(key_prefix "a" { policy = "write" }
                               key_prefix "aa" { policy = "deny" }
                               key_prefix "ab" { policy = "read" })"});
  EXPECT_TRUE(p.allows(Capability::key_write, "ac"));
  EXPECT_FALSE(p.allows(Capability::key_write, "aba"));
  EXPECT_FALSE(p.allows(Capability::key_read, "aab"));
  EXPECT_FALSE(p.allows(Capability::key_read, "b"));
}

TEST(Permissions, a_tree_may_be_deleted_by_whoever_may_write_all_of_it) {
  const Permissions p = of({R"(key_prefix "app/" { policy = "write" }
                               key_prefix "app/db/" { policy = "read" }
                               key "app/web/pin" { policy = "deny" })"});
  EXPECT_TRUE(p.allows_all_under(Capability::key_write, "app/cache/"));
  EXPECT_FALSE(p.allows_all_under(Capability::key_write, "app/"));
  EXPECT_FALSE(p.allows_all_under(Capability::key_write, "app/web/"));
  EXPECT_FALSE(p.allows_all_under(Capability::key_write, ""));
  EXPECT_TRUE(Permissions::management().allows_all_under(Capability::key_write, ""));
}

TEST(Permissions, denial_of_a_key_overrides_what_other_policies_grant_on_it) {
  const Permissions p = of({R"(key_prefix "app/" { policy = "write" }
                               session "n1" { policy = "write" })",
                            R"(key_prefix "app/" { policy = "deny" }
                               session_prefix "" { policy = "read" })"});
  EXPECT_FALSE(p.allows(Capability::key_read, "app/x"));
  EXPECT_TRUE(p.allows(Capability::session_write, "n1"));
  EXPECT_FALSE(p.allows(Capability::session_write, "n2"));
  EXPECT_TRUE(p.allows(Capability::session_read, "n2"));
  EXPECT_TRUE(p.allows_somewhere(Capability::session_write));
}

}  // namespace
}  // namespace caravan::acl
