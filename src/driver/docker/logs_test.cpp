// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <filesystem>

#include "driver/docker/log_file.hpp"
#include "driver/docker/log_records.hpp"
#include "io/linux/disk.hpp"

namespace caravan::driver::docker {
namespace {

std::string stamp(int ns) {
  char text[64];
  std::snprintf(text, sizeof text, "2026-01-02T15:04:05.%09dZ ", ns);
  return text;
}

std::string frame(const std::string& text) {
  std::string bytes = {1, 0, 0, 0};
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes += static_cast<char>(text.size() >> shift & 0xff);
  return bytes + text;
}

std::string line(int ns, const std::string& text) { return frame(stamp(ns) + text); }

/// What is written of `stream` when it is read from `position` on.
std::string copied(const std::string& stream, LogPosition& position, std::size_t piece = 7) {
  LogRecords records(false);
  LogChoice choice;
  choice.reopen(position);
  std::string written;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    records.feed(std::string_view(stream).substr(at, piece));
    while (const std::optional<LogRecord> record = *records.next())
      if (choice.take(*record, position)) written += record->bytes;
  }
  return written;
}

TEST(LogRecords, frames_come_whole_however_they_are_cut) {
  const std::string stream = line(1, "one\n") + line(2, "two") + line(2, " and a half\n");
  for (const std::size_t piece : {1, 5, 1000}) {
    LogPosition position;
    EXPECT_EQ(copied(stream, position, piece), "one\ntwo and a half\n");
    EXPECT_EQ(position.seen, 2u);
  }
}

TEST(LogRecords, a_stream_opened_again_gives_only_what_is_new) {
  const std::string a = line(1, "a\n"), b = line(2, "b\n"), c = line(2, "c\n"), d = line(3, "d\n");
  LogPosition position;
  EXPECT_EQ(copied(a + b, position), "a\nb\n");
  // The engine gives everything at or after the time of "b".
  EXPECT_EQ(copied(b + c + d, position), "c\nd\n");
  EXPECT_EQ(copied(d, position), "");
  EXPECT_EQ(copied(d + line(3, "e\n"), position), "e\n");
}

TEST(LogRecords, a_stream_that_broke_while_records_were_skipped_is_no_loss) {
  const std::string a = line(1, "a\n"), b = line(1, "b\n"), c = line(1, "c\n");
  LogPosition position;
  EXPECT_EQ(copied(a + b, position), "a\nb\n");
  EXPECT_EQ(copied(a, position), "");
  EXPECT_EQ(copied(a + b + c, position), "c\n");
}

TEST(LogRecords, a_clock_that_goes_back_loses_nothing) {
  LogPosition position;
  EXPECT_EQ(copied(line(9, "a\n") + line(3, "b\n") + line(3, "c\n"), position), "a\nb\nc\n");
  EXPECT_EQ(copied(line(3, "b\n") + line(3, "c\n") + line(4, "d\n"), position), "d\n");
}

TEST(LogRecords, what_an_engine_repeats_when_it_rotates_is_written_once) {
  const std::string a = line(1, "a\n"), b = line(2, "b\n"), part = line(3, "lo"),
                    rest = line(3, "lo"), end = line(3, "ng\n"), d = line(4, "d\n");
  LogPosition position;
  EXPECT_EQ(copied(a + b + a + b + part + rest + end + b + part + d, position),
            "a\nb\nlolong\nd\n");
}

TEST(LogRecords, a_terminals_stream_is_cut_at_lines_and_at_16_kib) {
  LogRecords records(true);
  const std::string longest(16 * 1024, 'x');
  records.feed(stamp(1) + "a\r\n" + stamp(2) + longest + stamp(2) + "y\n" + stamp(3) + "end");
  EXPECT_EQ((*records.next())->bytes, "a\r\n");
  EXPECT_EQ((*records.next())->bytes, longest);
  EXPECT_EQ((*records.next())->bytes, "y\n");
  EXPECT_FALSE(*records.next());
  EXPECT_EQ((*records.last())->bytes, "end");
}

TEST(LogRecords, what_is_no_such_stream_is_refused) {
  LogRecords records(false);
  records.feed(frame("no time here"));
  EXPECT_FALSE(records.next());
  LogRecords huge(false);
  huge.feed(std::string_view("\1\0\0\0\xff\xff\xff\xff", 8));
  EXPECT_FALSE(huge.next());
}

TEST(LogPosition, reads_back_what_it_wrote_and_nothing_torn) {
  const LogPosition position{1'700'000'000'000'000'001, 3, 12, 4096};
  const std::string text = position.to_text();
  EXPECT_EQ(LogPosition::parse(text), position);
  EXPECT_EQ(text.size(), LogPosition().to_text().size());
  EXPECT_FALSE(LogPosition::parse(text.substr(0, 30)));
  EXPECT_FALSE(LogPosition::parse(""));
}

class LogFiles : public testing::Test {
 protected:
  LogFiles() {
    char name[] = "/tmp/caravan-logs-XXXXXX";
    folder = ::mkdtemp(name);
  }
  ~LogFiles() override { std::filesystem::remove_all(folder); }
  LogFile open(int files = 2, std::uint64_t bytes = 10) {
    LogFile file(disk, folder + "/t.stdout", files, bytes);
    EXPECT_TRUE(file.open_newest());
    return file;
  }
  std::string read(int number) {
    return disk.read_file(folder + "/t.stdout." + std::to_string(number)).value_or("none");
  }

  io::linux_world::Disk disk;
  std::string folder;
};

TEST_F(LogFiles, are_left_at_line_ends_and_the_oldest_goes) {
  LogFile file = open();
  ASSERT_TRUE(file.append("one\ntwo\nthree\n"));
  EXPECT_EQ(read(0), "one\ntwo\n");
  EXPECT_EQ(read(1), "three\n");
  ASSERT_TRUE(file.append("0123456789abc"));
  EXPECT_EQ(read(0), "none");
  EXPECT_EQ(read(1), "three\n0123");
  EXPECT_EQ(read(2), "456789abc");
}

TEST_F(LogFiles, another_run_goes_on_behind_the_last) {
  {
    ASSERT_TRUE(open().append("0123456789abc\n"));
  }
  LogFile file = open();
  EXPECT_EQ(file.number(), 1);
  ASSERT_TRUE(file.append("d\n"));
  EXPECT_EQ(read(1), "abc\nd\n");
}

TEST_F(LogFiles, what_is_behind_a_written_place_is_taken_back) {
  {
    ASSERT_TRUE(open(9).append("one\ntwo\nthree\nfour\n"));
  }
  LogFile file(disk, folder + "/t.stdout", 9, 10);
  ASSERT_TRUE(file.open_at(0, 4));
  EXPECT_EQ(read(0), "one\n");
  EXPECT_EQ(read(1), "none");
}

TEST_F(LogFiles, are_not_written_through_links) {
  std::filesystem::create_symlink("/dev/null", folder + "/t.stdout.0");
  LogFile file(disk, folder + "/t.stdout", 2, 10);
  EXPECT_FALSE(file.open_newest());
}

}  // namespace
}  // namespace caravan::driver::docker
