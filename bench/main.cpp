// SPDX-License-Identifier: Apache-2.0
// caravan-bench CASE [--only LINE] [--nodes N] [--jobs N] [--count N] [--runs N] [--json]
#include <cstdlib>
#include <map>
#include <string>

#include <fmt/core.h>

#include "bench/cases.hpp"

namespace {

using caravan::bench::Options;

const std::map<std::string, void (*)(const Options&)> cases = {
    {"beats", caravan::bench::run_beats},     {"c1m", caravan::bench::run_c1m},
    {"mixed", caravan::bench::run_mixed},     {"place", caravan::bench::run_place},
    {"quality", caravan::bench::run_quality}, {"register", caravan::bench::run_register},
    {"restart", caravan::bench::run_restart}, {"spread", caravan::bench::run_spread},
    {"storm", caravan::bench::run_storm},     {"read", caravan::bench::run_read},
};

[[noreturn]] void usage() {
  std::string names;
  for (const auto& [name, run] : cases)
    names += " " + name;
  fmt::print(
      stderr,
      "usage: caravan-bench CASE [--only LINE] [--nodes N] [--jobs N] [--count N] [--runs N] "
      "[--json]\n"
      "cases:{}\n",
      names);
  std::exit(2);
}

Options parse(int argc, char** argv) {
  Options options;
  if (argc < 2 || !cases.contains(argv[1])) usage();
  options.name = argv[1];
  for (int i = 2; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--json") {
      options.json = true;
      continue;
    }
    if (flag == "--only" && i + 1 < argc) {
      options.only = argv[++i];
      continue;
    }
    const int value = i + 1 < argc ? std::atoi(argv[++i]) : 0;
    if (value <= 0) usage();
    if (flag == "--nodes")
      options.nodes = value;
    else if (flag == "--jobs")
      options.jobs = value;
    else if (flag == "--count")
      options.count = value;
    else if (flag == "--runs")
      options.runs = value;
    else
      usage();
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  cases.at(options.name)(options);
}
