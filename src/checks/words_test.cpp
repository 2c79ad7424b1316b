// SPDX-License-Identifier: Apache-2.0
#include "checks/words.hpp"

#include <gtest/gtest.h>

namespace caravan::checks {
namespace {

Probe probe(Probe::Kind kind) {
  Probe made;
  made.kind = kind;
  made.address = {"127.0.0.1", 1, false};
  return made;
}

TEST(Words, of_the_registry_are_those_that_clients_know) {
  const Probe http = probe(Probe::Kind::http), tcp = probe(Probe::Kind::tcp);
  Outcome page;
  page.status_code = 404;
  page.output = "no such page";
  page.is_quoted = true;
  EXPECT_EQ(registry_words(http, "http://127.0.0.1:1/x", page),
            "HTTP GET http://127.0.0.1:1/x: 404 Not Found Output: no such page");
  EXPECT_EQ(job_words(page), "no such page");
  Outcome refused;
  refused.output = "connect to 127.0.0.1:1: Connection refused";
  EXPECT_EQ(registry_words(tcp, "127.0.0.1:1", refused),
            "dial tcp 127.0.0.1:1: connect: connection refused");
  EXPECT_EQ(registry_words(http, "http://127.0.0.1:1/x", refused),
            "Get \"http://127.0.0.1:1/x\": dial tcp 127.0.0.1:1: connect: connection refused");
  EXPECT_EQ(job_words(refused), "nomad: connect to 127.0.0.1:1: Connection refused");
  Outcome well;
  well.passing = true;
  EXPECT_EQ(registry_words(tcp, "127.0.0.1:1", well), "TCP connect 127.0.0.1:1: Success");
}

}  // namespace
}  // namespace caravan::checks
