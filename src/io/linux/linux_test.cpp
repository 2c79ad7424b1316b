// SPDX-License-Identifier: Apache-2.0
// The kernel's side of the interfaces. These tests touch a temporary folder, a socket and short
// programs; nothing else in the unit tests does.
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "io/linux/clock.hpp"
#include "io/linux/datagrams.hpp"
#include "io/linux/disk.hpp"
#include "io/linux/network.hpp"
#include "io/linux/processes.hpp"
#include "io/task.hpp"

namespace caravan::io::linux_world {
namespace {

using namespace std::chrono_literals;

template <class T>
T run(Task<T> task) {
  boost::asio::io_context context;
  auto future = boost::asio::co_spawn(context, std::move(task), boost::asio::use_future);
  context.run();
  return future.get();
}

class FolderTest : public testing::Test {
 protected:
  FolderTest() {
    char name[] = "/tmp/caravan-test-XXXXXX";
    folder = ::mkdtemp(name);
  }
  ~FolderTest() override { std::filesystem::remove_all(folder); }
  std::string folder;
};

using DiskTest = FolderTest;

TEST_F(DiskTest, a_replaced_file_has_the_new_content_and_mode) {
  Disk disk;
  const std::string path = folder + "/a";
  ASSERT_TRUE(run(disk.replace_file(path, "one", 0600)).has_value());
  ASSERT_TRUE(run(disk.replace_file(path, "two", 0640)).has_value());
  EXPECT_EQ(disk.read_file(path), "two");
  EXPECT_EQ(disk.list(folder)->size(), 1u);
  EXPECT_EQ(disk.read_file(folder + "/none").error().code, base::Code::not_found);
}

TEST_F(DiskTest, files_are_written_and_read_at_offsets) {
  Disk disk;
  const std::unique_ptr<File> file = disk.open(folder + "/log", true).value();
  ASSERT_TRUE(file->preallocate(4096).has_value());
  ASSERT_TRUE(file->write_at(10, "hello").has_value());
  ASSERT_TRUE(run(file->sync()).has_value());
  EXPECT_EQ(file->read_at(10, 5), "hello");
  EXPECT_EQ(file->size(), 4096u);
}

using NetworkTest = FolderTest;

Task<std::string> exchange(std::string path) {
  Network network;
  const Address address = Address::unix_socket(path);
  auto listener = co_await network.listen(address);
  auto client = co_await network.connect(address, 1s);
  auto server = co_await (*listener)->accept();
  co_await (*client)->write("ping");
  char buffer[16];
  const auto n = co_await (*server)->read_some(buffer);
  co_return std::string(buffer, *n);
}

TEST_F(NetworkTest, bytes_cross_a_unix_socket) { EXPECT_EQ(run(exchange(folder + "/s")), "ping"); }

TEST_F(NetworkTest, nobody_listening_is_an_error) {
  Network network;
  EXPECT_FALSE(run(network.connect(Address::unix_socket(folder + "/none"), 1s)).has_value());
}

TEST(Processes, a_short_program_is_fed_and_heard) {
  Processes processes;
  const auto finished =
      run(processes.run({{"/bin/sh", "-c", "cat; echo bad >&2; exit 3"}, {}, "/"}, "hi", 5s, 100));
  EXPECT_EQ(finished->exit_code, 3);
  EXPECT_EQ(finished->out, "hi");
  EXPECT_EQ(finished->err, "bad\n");
}

TEST(Processes, a_program_that_does_not_end_is_ended) {
  Processes processes;
  EXPECT_EQ(run(processes.run({{"/bin/sleep", "60"}, {}, "/"}, "", 50ms, 100)).error().code,
            base::Code::timeout);
}

Task<void> wait_for_end(Processes& processes, std::string script) {
  const Program program{{"/bin/sh", "-c", script}, {}, "/"};
  (void)co_await processes.run(program, "", 60s, 100);
}

Task<void> leave_early(Processes& processes, std::string file) {
  const boost::asio::any_io_executor executor = co_await boost::asio::this_coro::executor;
  TaskGroup waiting(executor);
  waiting.spawn(wait_for_end(processes, "echo $$ >" + file + "; exec sleep 60"));
  while (!Disk().read_file(file) || Disk().read_file(file)->empty())
    co_await Clock().sleep(5ms);
  co_await waiting.stop();
}

class AwaitedTest : public FolderTest {};

TEST_F(AwaitedTest, a_program_that_nobody_waits_for_any_more_is_ended) {
  Processes processes;
  run(leave_early(processes, folder + "/pid"));
  const int pid = std::stoi(Disk().read_file(folder + "/pid").value());
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(Processes, a_detached_program_is_known_by_its_start_time) {
  Processes processes;
  const ProcessId process = processes.spawn_detached({{"/bin/sleep", "60"}, {}, "/"}).value();
  EXPECT_TRUE(processes.is_alive(process));
  EXPECT_FALSE(processes.is_alive({process.pid, process.start_ticks + 1}));
  EXPECT_TRUE(processes.signal(process, SIGKILL).has_value());
  for (int i = 0; i < 200 && processes.is_alive(process); ++i)
    run(Clock().sleep(10ms));
  EXPECT_FALSE(processes.is_alive(process));
}

io::Task<std::string> talk(io::Dialog& dialog, std::string words) {
  (void)co_await dialog.write(words);
  co_await dialog.close_input();
  std::string heard;
  while (true) {
    const base::Result<std::string> piece = co_await dialog.read_out();
    if (!piece || piece->empty()) break;
    heard += *piece;
  }
  const base::Result<int> code = co_await dialog.wait();
  heard += fmt::format("<{}>", code.value_or(-1));
  co_return heard;
}

std::string conversation(std::vector<std::string> argv, bool tty, std::string words) {
  boost::asio::io_context context;
  Processes processes;
  auto dialog = processes.converse(context.get_executor(), {std::move(argv), {}, "/"}, tty).value();
  auto heard =
      boost::asio::co_spawn(context, talk(*dialog, std::move(words)), boost::asio::use_future);
  context.run();
  return heard.get();
}

TEST(Dialog, a_program_hears_the_end_of_its_input_and_tells_how_it_ended) {
  EXPECT_EQ(conversation({"/bin/sh", "-c", "cat; exit 3"}, false, "hi"), "hi<3>");
  EXPECT_EQ(conversation({"/bin/sh", "-c", "kill -9 $$"}, false, ""), "<137>");
}

TEST(Dialog, with_a_terminal_the_program_has_one) {
  EXPECT_NE(
      conversation({"/bin/sh", "-c", "test -t 0 && test -t 1 && read line && echo \"got $line\""},
                   true, "x\n")
          .find("got x"),
      std::string::npos);
}

TEST(DatagramsTest, a_packet_arrives_whole_with_its_sender) {
  const auto talk = []() -> Task<void> {
    Datagrams datagrams;
    const auto a = co_await datagrams.bind({"127.0.0.1", 0, false});
    const auto b = co_await datagrams.bind({"127.0.0.1", 0, false});
    EXPECT_TRUE((*a)->send("hello", (*b)->address()).has_value());
    const auto packet = co_await (*b)->receive();
    EXPECT_EQ(packet->bytes, "hello");
    EXPECT_EQ(packet->from, (*a)->address());
    const std::string large(datagram_bytes_max + 1, 'x');
    EXPECT_EQ((*a)->send(large, (*b)->address()).error().code, base::Code::too_large);
    EXPECT_EQ((*a)->send("x", {"no-ip", 1, false}).error().code, base::Code::invalid);
    (*b)->close();
    EXPECT_FALSE((co_await (*b)->receive()).has_value());
  };
  run(talk());
}

TEST(DatagramsTest, a_socket_on_any_address_speaks_with_both_kinds) {
  const auto talk = []() -> Task<void> {
    Datagrams datagrams;
    const auto any = co_await datagrams.bind({"::", 0, false});
    if (!any) co_return;  // a machine without IPv6
    const auto v4 = co_await datagrams.bind({"127.0.0.1", 0, false});
    EXPECT_TRUE((*any)->send("out", (*v4)->address()).has_value());
    EXPECT_EQ((co_await (*v4)->receive())->bytes, "out");
    EXPECT_TRUE((*v4)->send("in", {"127.0.0.1", (*any)->address().port, false}).has_value());
    EXPECT_EQ((co_await (*any)->receive())->from, (*v4)->address());
  };
  run(talk());
}

TEST(DatagramsTest, a_port_is_bound_once) {
  const auto bind_twice = []() -> Task<void> {
    Datagrams datagrams;
    const auto a = co_await datagrams.bind({"127.0.0.1", 0, false});
    const auto again = co_await datagrams.bind((*a)->address());
    EXPECT_FALSE(again.has_value());
  };
  run(bind_twice());
}

}  // namespace
}  // namespace caravan::io::linux_world
