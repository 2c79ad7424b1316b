// SPDX-License-Identifier: Apache-2.0
#include "driver/exec_session.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include "io/dialog.hpp"
#include "io/task.hpp"

namespace caravan::driver {
namespace {

using namespace std::chrono_literals;
using namespace boost::asio::experimental::awaitable_operators;

/// What the program left behind may hold its pipes open; after its end they are read this long.
constexpr base::Duration drain = 300ms;

/// A runtime passes the news on to the program in the container; then both are killed.
constexpr base::Duration hang_up_grace = 1s;

io::Task<void> copy_out(io::Dialog& dialog, ExecPipe& pipe) {
  while (true) {
    base::Result<std::string> piece = co_await dialog.read_out();
    if (!piece || piece->empty()) co_return;
    const base::Status sent = co_await pipe.write_output(false, *std::move(piece));
    if (!sent) co_return;
  }
}

io::Task<void> copy_err(io::Dialog& dialog, ExecPipe& pipe) {
  while (true) {
    base::Result<std::string> piece = co_await dialog.read_err();
    if (!piece || piece->empty()) co_return;
    const base::Status sent = co_await pipe.write_output(true, *std::move(piece));
    if (!sent) co_return;
  }
}

/// Returns when the user hangs up.
io::Task<void> copy_in(io::Dialog& dialog, ExecPipe& pipe) {
  while (true) {
    const base::Result<ExecInput> input = co_await pipe.read_input();
    if (!input) co_return;
    if (input->rows > 0) dialog.resize(input->rows, input->columns);
    if (!input->bytes.empty())
      (void)co_await dialog.write(input->bytes);  // it may have closed its end
    if (input->closes) co_await dialog.close_input();
  }
}

io::Task<void> ended_long_ago(io::World& world, io::Dialog& dialog) {
  (void)co_await dialog.wait();
  co_await world.clock.sleep(drain);
}

io::Task<void> copy_both(io::Dialog& dialog, ExecPipe& pipe) {
  co_await (copy_out(dialog, pipe) && copy_err(dialog, pipe));
}

io::Task<void> until_drained(io::World& world, io::Dialog& dialog, ExecPipe& pipe) {
  const auto first = co_await (copy_both(dialog, pipe) || ended_long_ago(world, dialog));
  if (first.index() == 0) (void)co_await dialog.wait();
}

}  // namespace

io::Task<base::Result<int>> run_session(io::World& world, io::Program program, bool tty,
                                        ExecPipe& pipe) {
  const auto lane = world.executor.lane(io::Lane::client);
  CO_TRY(const std::unique_ptr<io::Dialog> dialog, world.processes.converse(lane, program, tty));
  const auto first = co_await (until_drained(world, *dialog, pipe) || copy_in(*dialog, pipe));
  if (first.index() == 1) {
    dialog->hang_up();
    co_await (dialog->wait() || world.clock.sleep(hang_up_grace));
    co_return base::fail(base::Code::unavailable, "the user hung up");
  }
  co_return co_await dialog->wait();
}

}  // namespace caravan::driver
