// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sim/world.hpp"

namespace caravan::sim {
namespace {
using namespace std::chrono_literals;

using Script = std::function<io::Task<void>(io::Disk&)>;

/// Runs the script on a host of its own, then cuts the power.
void run_and_cut(World& world, Host& host, const Script& script) {
  host.boot([&](Host&, io::World& io) -> io::Task<void> { co_await script(io.disk); });
  world.run_for(1min);
  host.power_off();
}

TEST(Disk, what_was_synced_survives_a_power_cut) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    World world(seed);
    Host& host = world.add_host("a");
    run_and_cut(world, host, [](io::Disk& disk) -> io::Task<void> {
      (void)disk.make_dirs("/data", 0700);
      const auto file = *disk.open("/data/log", true);
      (void)file->write_at(0, "synced");
      (void)co_await file->sync();
      const std::string dir = "/data", root = "/";
      (void)co_await disk.sync_dir(dir);
      (void)co_await disk.sync_dir(root);
      (void)file->write_at(6, " and not");
    });
    const auto inode = host.disk.open("/data/log", false);
    ASSERT_TRUE(inode.has_value()) << world.describe();
    EXPECT_TRUE((*inode)->bytes.starts_with("synced")) << world.describe();
  }
}

TEST(Disk, what_was_not_synced_may_be_whole_torn_or_gone) {
  std::set<std::string> outcomes;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    World world(seed);
    Host& host = world.add_host("a");
    run_and_cut(world, host, [](io::Disk& disk) -> io::Task<void> {
      const auto file = *disk.open("/log", true);
      const std::string root = "/";
      (void)co_await disk.sync_dir(root);
      (void)file->write_at(0, "ab");
      (void)file->write_at(2, "cd");
    });
    std::string bytes = (*host.disk.open("/log", false))->bytes;
    std::replace(bytes.begin(), bytes.end(), '\0', '.');
    outcomes.insert(bytes);
  }
  for (const char* expected : {"", "ab", "abcd", "..cd", "abc", "a"})
    EXPECT_TRUE(outcomes.contains(expected)) << expected;
}

TEST(Disk, a_name_is_durable_only_after_its_folder_was_synced) {
  int kept = 0, lost = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    World world(seed);
    Host& host = world.add_host("a");
    run_and_cut(world, host, [](io::Disk& disk) -> io::Task<void> {
      const auto file = *disk.open("/fresh", true);
      (void)file->write_at(0, "x");
      (void)co_await file->sync();
    });
    (host.disk.exists("/fresh") ? kept : lost) += 1;
  }
  EXPECT_GT(kept, 0);
  EXPECT_GT(lost, 0);
}

TEST(Disk, replace_file_leaves_the_old_or_the_new_content_at_every_boundary) {
  for (int boundary = 0; boundary < 12; ++boundary) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      World world(seed);
      Host& host = world.add_host("a");
      int left = 1000;
      host.disk.at_boundary = [&] {
        if (left-- > 0) return true;
        host.disk.at_boundary = nullptr;
        host.power_off();
        return false;
      };
      host.boot([&](Host&, io::World& io) -> io::Task<void> {
        const std::string path = "/file";
        (void)co_await io.disk.replace_file(path, "old", 0600);
        left = boundary;
        (void)co_await io.disk.replace_file(path, "new", 0600);
      });
      world.run_for(1min);
      host.disk.at_boundary = nullptr;
      host.power_off();
      const std::string bytes = (*host.disk.open("/file", false))->bytes;
      EXPECT_TRUE(bytes == "old" || bytes == "new") << bytes << " " << world.describe();
    }
  }
}

TEST(Disk, a_full_disk_says_so_and_a_failed_sync_is_not_made_good_by_the_next) {
  World world(1, [] {
    Knobs knobs;
    knobs.dropped = 1000;
    return knobs;
  }());
  Host& host = world.add_host("a");
  host.disk.capacity = 4;
  base::Status full, failed, again;
  run_and_cut(world, host, [&](io::Disk& disk) -> io::Task<void> {
    const auto file = *disk.open("/f", true);
    const std::string root = "/";
    (void)co_await disk.sync_dir(root);
    full = file->write_at(0, "12345");
    (void)file->write_at(0, "1234");
    host.disk.sync_failures = 1000;
    failed = co_await file->sync();
    host.disk.sync_failures = 0;
    again = co_await file->sync();
  });
  EXPECT_EQ(full.error().message, "/f: no space left on device");
  EXPECT_EQ(failed.error().message, "/f: input/output error");
  EXPECT_TRUE(again.has_value());
  EXPECT_EQ((*host.disk.open("/f", false))->bytes, "");
}

}  // namespace
}  // namespace caravan::sim
