// SPDX-License-Identifier: Apache-2.0
// Every *.story beside this file, retold: scenario_test [--rewrite] [NAME …]. With --rewrite the
// answers of today replace those in the file; read the diff before it is committed.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>

#include <fmt/core.h>

#include "base/text.hpp"
#include "scenarios/story.hpp"

namespace fs = std::filesystem;

namespace {

std::string read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void show_difference(const std::string& was, const std::string& is) {
  const auto before = caravan::base::split(was, '\n'), after = caravan::base::split(is, '\n');
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    const std::string a = i < before.size() ? before[i] : "", b = i < after.size() ? after[i] : "";
    if (a != b) fmt::print("  line {}\n    file:  {}\n    today: {}\n", i + 1, a, b);
  }
}

}  // namespace

int main(int count, char** arguments) {
  bool rewrite = false;
  std::set<std::string> names;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--rewrite")
      rewrite = true;
    else
      names.insert(argument);
  }
  int told = 0, wrong = 0;
  std::set<fs::path> stories;
  for (const auto& entry : fs::directory_iterator(CARAVAN_SCENARIOS))
    if (entry.path().extension() == ".story") stories.insert(entry.path());
  for (const fs::path& path : stories) {
    if (!names.empty() && !names.contains(path.stem().string())) continue;
    ++told;
    try {
      const std::string was = read(path), is = caravan::scenarios::retell(was);
      if (was == is) continue;
      if (rewrite) {
        std::ofstream(path) << is;
        continue;
      }
      fmt::print("{} is told differently today:\n", path.stem().string());
      show_difference(was, is);
    } catch (const std::exception& e) {
      fmt::print("{}: {}\n", path.stem().string(), e.what());
    }
    ++wrong;
  }
  fmt::print("{} stories, {} differ\n", told, wrong);
  return wrong == 0 && told > 0 ? 0 : 1;
}
