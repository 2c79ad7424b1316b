// SPDX-License-Identifier: Apache-2.0
#include "consensus/log_store.hpp"

#include <gtest/gtest.h>

#include "consensus/crc32c.hpp"
#include "sim/world.hpp"

namespace caravan::consensus {
namespace {
using namespace std::chrono_literals;

const std::string dir = "/data/log";
const LogLimits small{.segment_bytes = 2048, .batch_bytes_max = 16 << 10};

/// Random batches that a server could write, and what the log has to say after each.
class Workload {
 public:
  explicit Workload(std::uint64_t seed) : random_(seed) {}
  LogContents state;

  LogBatch next() {
    LogBatch batch;
    if (random_.chance(20)) {
      batch.reset = LogPoint{state.last_index() + 5, state.hard_state.term + 1};
    } else if (random_.chance(100) && !state.entries.empty()) {
      const Entry& entry = state.entries[random_.below(state.entries.size())];
      batch.compact = LogPoint{entry.index, entry.term};
    }
    LogContents after = state;
    (void)after.apply(batch);
    const Term term = state.hard_state.term + 1;
    Index index = after.last_index() + 1;
    if (random_.chance(100) && !after.entries.empty())  // a new leader replaces a suffix
      index = after.entries[random_.below(after.entries.size())].index;
    for (std::uint64_t i = random_.below(4); i > 0; --i)
      batch.entries.push_back(
          {index++, term, EntryKind::normal, std::string(random_.below(300), 'x')});
    batch.hard_state = HardState{term, random_.below(3), after.truncated.index};
    EXPECT_TRUE(state.apply(batch).has_value());
    return batch;
  }

 private:
  sim::SimRandom random_;
};

std::string describe(const LogContents& log) {
  return fmt::format("term {} vote {} commit {}, {} forgotten in term {}, {} entries",
                     log.hard_state.term, log.hard_state.vote, log.hard_state.commit,
                     log.truncated.index, log.truncated.term, log.entries.size());
}

bool same(const LogContents& a, const LogContents& b) {
  return a.hard_state == b.hard_state && a.truncated == b.truncated && a.entries == b.entries;
}

/// Runs the script to its end, or to its host's.
void run(sim::World& world, sim::Host& host, std::function<io::Task<void>(io::Disk&)> script) {
  host.boot([script](sim::Host&, io::World& io) -> io::Task<void> { co_await script(io.disk); });
  world.run_until([&] { return !host.running(); }, 24h);
  world.run_for(1s);
}

base::Status reopen(sim::World& world, sim::Host& host, LogContents& contents) {
  base::Status status;
  run(world, host, [&](io::Disk& disk) -> io::Task<void> {
    const auto store = co_await LogStore::open(disk, dir, small, contents);
    if (!store) status = std::unexpected(store.error());
  });
  return status;
}

TEST(Crc32c, agrees_with_rfc_3720) {
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c("6789", crc32c("12345")), 0xe3069283u);
}

TEST(LogStore, says_after_a_restart_what_it_was_told) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    sim::World world(seed);
    sim::Host& host = world.add_host("a");
    Workload workload(seed);
    for (int restart = 0; restart < 4; ++restart) {
      run(world, host, [&](io::Disk& disk) -> io::Task<void> {
        LogContents before;
        const auto store = co_await LogStore::open(disk, dir, small, before);
        EXPECT_TRUE(store.has_value()) << store.error().message;
        EXPECT_TRUE(same(before, workload.state))
            << describe(before) << " / " << describe(workload.state) << " " << world.describe();
        for (int i = 0; i < 60; ++i) {
          LogBatch batch = workload.next();
          const auto written = co_await (*store)->write(std::move(batch));
          EXPECT_TRUE(written.has_value());
        }
      });
      host.power_off();
    }
  }
}

TEST(LogStore, syncs_once_a_batch) {
  sim::World world(1);
  sim::Host& host = world.add_host("a");
  run(world, host, [&](io::Disk& disk) -> io::Task<void> {
    LogContents contents;
    const auto store = co_await LogStore::open(disk, dir, {}, contents);
    for (Index index = 1; index <= 1001; ++index) {
      LogBatch batch;
      batch.entries.push_back({index, 1, EntryKind::normal, "command"});
      batch.hard_state = HardState{1, 1, index - 1};
      (void)co_await (*store)->write(std::move(batch));
      if (index == 1) host.disk.syncs = 0;
    }
  });
  EXPECT_EQ(host.disk.syncs, 1000u);
}

// Cuts the power at the n-th change of the disk, for every n until the workload gets through.
TEST(LogStore, has_all_or_nothing_of_a_batch_wherever_the_power_is_cut) {
  int cuts = 0, survived_unacknowledged = 0;
  bool through = false;
  for (int boundary = 0; !through; ++boundary) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      sim::World world(seed * 1000 + static_cast<std::uint64_t>(boundary));
      sim::Host& host = world.add_host("a");
      int left = boundary;
      host.disk.at_boundary = [&] {
        if (left-- > 0) return true;
        host.disk.at_boundary = nullptr;
        ++cuts;
        host.power_off();
        return false;
      };
      Workload workload(seed);
      LogContents acknowledged;
      run(world, host, [&](io::Disk& disk) -> io::Task<void> {
        LogContents before;
        const auto store = co_await LogStore::open(disk, dir, small, before);
        if (!store) co_return;
        for (int i = 0; i < 40; ++i) {
          LogBatch batch = workload.next();
          const auto written = co_await (*store)->write(std::move(batch));
          if (!written) co_return;
          acknowledged = workload.state;
        }
        through = true;
      });
      host.disk.at_boundary = nullptr;
      host.power_off();
      LogContents after;
      const base::Status opened = reopen(world, host, after);
      ASSERT_TRUE(opened.has_value()) << opened.error().message << " " << world.describe();
      const bool whole = same(after, workload.state);
      ASSERT_TRUE(whole || same(after, acknowledged)) << boundary << " " << world.describe();
      survived_unacknowledged += whole && !same(after, acknowledged);
    }
  }
  EXPECT_GT(cuts, 300);
  EXPECT_GT(survived_unacknowledged, 0);
}

TEST(LogStore, comes_back_from_one_crash_after_the_other) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    sim::World world(seed);
    sim::Host& host = world.add_host("a");
    Workload workload(seed);
    for (int crash = 0; crash < 15; ++crash) {
      std::int64_t left = world.random.between(0, 60);
      host.disk.at_boundary = [&] {
        if (left-- > 0) return true;
        host.disk.at_boundary = nullptr;
        host.power_off();
        return false;
      };
      LogContents recovered, acknowledged = workload.state;
      base::Status opened;
      run(world, host, [&](io::Disk& disk) -> io::Task<void> {
        LogContents before;
        const auto store = co_await LogStore::open(disk, dir, small, before);
        if (!store) co_return;
        workload.state = acknowledged = before;
        for (bool written = true; written;) {
          LogBatch batch = workload.next();
          const auto status = co_await (*store)->write(std::move(batch));
          written = status.has_value();
          if (written) acknowledged = workload.state;
        }
      });
      opened = reopen(world, host, recovered);
      ASSERT_TRUE(opened.has_value()) << opened.error().message << " " << world.describe();
      ASSERT_TRUE(same(recovered, workload.state) || same(recovered, acknowledged))
          << world.describe();
      workload.state = recovered;
    }
  }
}

TEST(LogStore, makes_durable_what_a_killed_agent_left_in_the_page_cache) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    sim::World world(seed);
    sim::Host& host = world.add_host("a");
    Workload workload(seed);
    for (int kill = 0; kill < 4; ++kill) {
      std::int64_t left = world.random.between(0, 40);
      host.disk.at_boundary = [&] {
        if (left-- > 0) return true;
        host.disk.at_boundary = nullptr;
        host.kill();
        return false;
      };
      run(world, host, [&](io::Disk& disk) -> io::Task<void> {
        LogContents before;
        const auto store = co_await LogStore::open(disk, dir, small, before);
        if (!store) co_return;
        workload.state = before;
        for (bool written = true; written;) {
          LogBatch batch = workload.next();
          const auto status = co_await (*store)->write(std::move(batch));
          written = status.has_value();
        }
      });
    }
    LogContents relied_on, after;
    ASSERT_TRUE(reopen(world, host, relied_on).has_value()) << world.describe();
    host.power_off();
    const base::Status opened = reopen(world, host, after);
    ASSERT_TRUE(opened.has_value()) << opened.error().message << " " << world.describe();
    ASSERT_TRUE(same(after, relied_on)) << describe(after) << " / " << describe(relied_on);
  }
}

TEST(LogStore, notices_every_flipped_bit_or_is_not_harmed_by_it) {
  sim::World world(1);
  sim::Host& host = world.add_host("a");
  Workload workload(5);
  run(world, host, [&](io::Disk& disk) -> io::Task<void> {
    LogContents before;
    const auto store = co_await LogStore::open(disk, dir, small, before);
    for (int i = 0; i < 60; ++i) {
      LogBatch batch = workload.next();
      (void)co_await (*store)->write(std::move(batch));
    }
  });
  int refused = 0, harmless = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto files = *host.disk.list(dir);
    const io::FileInfo& file = files[world.random.below(files.size())];
    const std::string path = dir + "/" + file.name;
    const std::uint64_t offset = world.random.below(file.size);
    const int bit = static_cast<int>(world.random.below(8));
    const auto inode = *host.disk.open(path, false);
    const std::string good = inode->bytes;
    host.disk.flip_bit(path, offset, bit);
    LogContents after;
    const base::Status opened = reopen(world, host, after);
    if (!opened) {
      ++refused;
      EXPECT_NE(opened.error().message.find(dir + "/"), std::string::npos);
    } else {
      ++harmless;
      ASSERT_TRUE(same(after, workload.state)) << path << " " << offset << " " << bit;
    }
    inode->bytes = inode->durable = good;
  }
  EXPECT_GT(refused, 500);
  RecordProperty("harmless", harmless);
}

// Zeros look as if a write had not arrived; the frames behind say that it had.
TEST(LogStore, notices_damage_among_zeros_too) {
  sim::World world(1);
  sim::Host& host = world.add_host("a");
  constexpr std::size_t zeros = 1500;
  LogContents written;
  run(world, host, [&](io::Disk& disk) -> io::Task<void> {
    const auto store = co_await LogStore::open(disk, dir, {}, written);
    for (Index index = 1; index <= 10; ++index) {
      LogBatch batch;
      batch.entries.push_back({index, 1, EntryKind::normal, std::string(zeros, '\0')});
      batch.hard_state = HardState{1, 1, index - 1};
      EXPECT_TRUE(written.apply(batch));
      (void)co_await (*store)->write(std::move(batch));
    }
  });
  const std::string path = dir + "/" + host.disk.list(dir)->at(0).name;
  const auto inode = *host.disk.open(path, false);
  const std::string good = inode->bytes;
  int refused = 0;
  for (std::uint64_t offset = zeros; offset < 9 * zeros; offset += 97) {
    host.disk.flip_bit(path, offset, static_cast<int>(offset % 8));
    LogContents after;
    if (!reopen(world, host, after))
      ++refused;
    else
      EXPECT_TRUE(same(after, written)) << offset << ": " << describe(after);
    inode->bytes = inode->durable = good;
  }
  EXPECT_GT(refused, 50);
}

TEST(LogStore, refuses_a_log_of_which_a_segment_is_gone) {
  for (std::size_t gone = 0;; ++gone) {
    sim::World world(gone);
    sim::Host& host = world.add_host("a");
    run(world, host, [&](io::Disk& disk) -> io::Task<void> {
      LogContents before;
      const auto store = co_await LogStore::open(disk, dir, small, before);
      for (Index index = 1; index <= 40; ++index) {
        LogBatch batch;
        batch.entries.push_back({index, 1, EntryKind::normal, std::string(300, 'x')});
        batch.hard_state = HardState{1, 1, index - 1};
        (void)co_await (*store)->write(std::move(batch));
      }
    });
    const auto files = *host.disk.list(dir);
    ASSERT_GT(files.size(), 5u);
    if (gone + 1 == files.size()) break;  // of the last one nobody knows
    ASSERT_TRUE(host.disk.remove(dir + "/" + files[gone].name).has_value());
    LogContents after;
    EXPECT_FALSE(reopen(world, host, after).has_value()) << files[gone].name;
  }
}

TEST(LogStore, goes_on_when_a_full_disk_has_room_again) {
  sim::World world(1);
  sim::Host& host = world.add_host("a");
  Workload workload(1);
  host.disk.capacity = 5000;
  run(world, host, [&](io::Disk& disk) -> io::Task<void> {
    LogContents before;
    const auto store = co_await LogStore::open(disk, dir, small, before);
    int refused = 0;
    for (int i = 0; i < 60; ++i) {
      const LogBatch batch = workload.next();
      auto written = co_await (*store)->write(batch);
      if (written) continue;
      ++refused;
      EXPECT_EQ(written.error().code, base::Code::unavailable) << written.error().message;
      host.disk.capacity += 4096;
      written = co_await (*store)->write(batch);
      EXPECT_TRUE(written.has_value());
    }
    EXPECT_GT(refused, 0);
  });
  LogContents after;
  ASSERT_TRUE(reopen(world, host, after).has_value());
  EXPECT_TRUE(same(after, workload.state));
}

TEST(LogStore, never_trusts_a_disk_whose_sync_failed) {
  sim::World world(1);
  sim::Host& host = world.add_host("a");
  Workload workload(1);
  LogContents acknowledged;
  run(world, host, [&](io::Disk& disk) -> io::Task<void> {
    LogContents before;
    const auto store = co_await LogStore::open(disk, dir, small, before);
    LogBatch first = workload.next();
    (void)co_await (*store)->write(std::move(first));
    acknowledged = workload.state;
    host.disk.sync_failures = 1000;
    LogBatch second = workload.next();
    const auto failed = co_await (*store)->write(std::move(second));
    host.disk.sync_failures = 0;
    LogBatch third = workload.next();
    const auto later = co_await (*store)->write(std::move(third));
    EXPECT_TRUE(!failed && failed.error().code == base::Code::io);
    EXPECT_TRUE(!later && later.error().code == base::Code::io) << "the disk has forgotten a page";
  });
  host.power_off();
  LogContents after;
  ASSERT_TRUE(reopen(world, host, after).has_value());
  EXPECT_TRUE(same(after, acknowledged)) << describe(after) << " / " << describe(acknowledged);
}

}  // namespace
}  // namespace caravan::consensus
