// SPDX-License-Identifier: Apache-2.0
#include "cli/top/live.hpp"

#include <csignal>
#include <memory>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include "cli/blocking.hpp"
#include "cli/format.hpp"
#include "cli/top/asking.hpp"
#include "cli/top/screen.hpp"
#include "io/linux/clock.hpp"

namespace caravan::cli::top {
namespace {

using namespace boost::asio::experimental::awaitable_operators;

constexpr std::size_t uses_a_round = 50;  // of allocations; the next round asks the next ones

/// What was typed and not yet followed. Handlers that the reader posted may outlive the view, so it
/// is shared.
struct Typed {
  explicit Typed(boost::asio::any_io_executor executor) : arrived(executor) {}
  std::string bytes;
  bool ended = false;
  io::Event arrived;
};

class Live {
 public:
  Live(Client& client, const LiveOptions& options, boost::asio::any_io_executor executor)
      : asking_(client),
        settings_(client.settings()),
        options_(options),
        executor_(executor),
        answered_(executor),
        screen_(options.coloured) {}

  io::Task<int> run();

 private:
  io::Task<int> follow_keys(std::shared_ptr<Typed> typed);
  io::Task<int> keep_asking();
  io::Task<int> keep_measuring();
  io::Task<int> follow_size();
  void take(base::Result<Answers> answers);
  void draw();

  Asking asking_;
  const Settings& settings_;
  const LiveOptions options_;
  boost::asio::any_io_executor executor_;
  io::linux_world::Clock clock_;
  io::Event answered_;
  std::optional<Answers> answers_;
  std::optional<Picture> picture_;
  UseBook book_;
  View view_;
  Screen screen_;
};

void Live::draw() {
  const TerminalSize size = screen_.size();
  const Frame frame =
      frame_of(picture_ ? &*picture_ : nullptr, view_, static_cast<std::size_t>(size.rows),
               static_cast<std::size_t>(size.columns), now_ns());
  view_.offset = frame.offset;
  view_.page = frame.page;
  (void)screen_.draw(frame.lines);  // a terminal that is gone ends what is read from it
}

void Live::take(base::Result<Answers> answers) {
  if (answers) {
    answers_ = std::move(*answers);
    picture_ = picture_of(*answers_, book_.known(), settings_.region, settings_.ns);
    view_.failure.clear();
    view_.failing_since_ns = 0;
    answered_.notify();
    return;
  }
  view_.failure = answers.error().message;
  if (view_.failing_since_ns == 0) view_.failing_since_ns = now_ns();
}

io::Task<int> Live::keep_asking() {
  while (true) {
    if (!view_.paused) {
      base::Result<Answers> answers = co_await asking_.lists();
      if (!view_.paused) take(std::move(answers));
      draw();
    }
    co_await clock_.sleep(options_.interval);
  }
}

/// Beside the lists, so that a node that does not answer delays no picture.
io::Task<int> Live::keep_measuring() {
  while (true) {
    if (answers_ && !view_.paused && view_.failure.empty()) {
      co_await asking_.uses(answers_->allocs, book_, uses_a_round);
      if (!view_.paused) {
        picture_ = picture_of(*answers_, book_.known(), settings_.region, settings_.ns);
        draw();
      }
      co_await clock_.sleep(options_.interval);
    } else {
      co_await answered_.wait();
    }
  }
}

io::Task<int> Live::follow_keys(std::shared_ptr<Typed> typed) {
  while (true) {
    while (typed->bytes.empty() && !typed->ended)
      co_await typed->arrived.wait();
    const std::vector<Press> presses = presses_of(typed->bytes);
    typed->bytes.clear();
    for (const Press& press : presses)
      if (!follow(view_, press)) co_return 0;
    if (typed->ended) co_return 0;
    draw();
  }
}

io::Task<int> Live::follow_size() {
  boost::asio::signal_set changed(executor_, SIGWINCH);
  while (true) {
    (void)co_await changed.async_wait(boost::asio::use_awaitable);
    draw();
  }
}

io::Task<int> Live::run() {
  const auto typed = std::make_shared<Typed>(executor_);
  const InputReader reader([executor = executor_, typed](std::string bytes) {
    boost::asio::post(executor, [typed, bytes = std::move(bytes)] {
      typed->bytes += bytes;
      typed->ended = typed->ended || bytes.empty();
      typed->arrived.notify();
    });
  });
  draw();
  const auto ended = co_await (follow_keys(typed) || keep_asking() || keep_measuring() ||
                               follow_size());
  co_return std::visit([](int code) { return code; }, ended);
}

io::Task<int> show(Client& client, const LiveOptions& options) {
  const auto executor = co_await boost::asio::this_coro::executor;
  boost::asio::signal_set ends(executor, SIGINT, SIGTERM, SIGHUP);  // before the terminal is taken
  Live live(client, options, executor);
  const auto ended = co_await (live.run() || ends.async_wait(boost::asio::use_awaitable));
  co_return ended.index() == 0 ? std::get<0>(ended) : 128 + std::get<1>(ended);
}

}  // namespace

int run_live(Client& client, const LiveOptions& options) { return wait_for(show(client, options)); }

}  // namespace caravan::cli::top
