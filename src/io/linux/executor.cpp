// SPDX-License-Identifier: Apache-2.0
#include "io/linux/executor.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace caravan::io::linux_world {
namespace asio = boost::asio;
namespace {

/// Under CPU load an ordinary thread waits up to 4 ms for its turn, forty times what a sync costs.
constexpr int log_niceness = -10;

}  // namespace

struct Executor::Loop {
  explicit Loop(int concurrency) : context(concurrency), guard(context.get_executor()) {}
  void start(const char* name, std::size_t threads, int niceness = 0) {
    for (std::size_t i = 0; i < threads; ++i)
      workers.emplace_back([this, name, niceness] {
        ::prctl(PR_SET_NAME, name, 0, 0, 0);
        // Without the right to it the log is only slower under load.
        if (niceness != 0)
          (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), niceness);
        context.run();
      });
  }
  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  std::vector<std::jthread> workers;
};

Executor::Executor(std::size_t fronts, std::size_t pool)
    : main_(std::make_unique<Loop>(1)),
      log_(std::make_unique<Loop>(1)),
      pool_(std::make_unique<Loop>(static_cast<int>(pool))),
      client_(std::make_unique<Loop>(1)) {
  log_->start("log", 1, log_niceness);
  pool_->start("pool", pool);
  client_->start("client", 1);
  for (std::size_t i = 0; i < fronts; ++i) {
    fronts_.push_back(std::make_unique<Loop>(1));
    fronts_.back()->start("front", 1);
  }
}

Executor::~Executor() { stop(); }

asio::any_io_executor Executor::lane(Lane lane) {
  switch (lane) {
    case Lane::main:
      return main_->context.get_executor();
    case Lane::log:
      return log_->context.get_executor();
    case Lane::pool:
      return pool_->context.get_executor();
    case Lane::client:
      return client_->context.get_executor();
    case Lane::front:
      return front(0);
  }
  return main_->context.get_executor();
}

std::size_t Executor::fronts() const { return fronts_.size(); }
asio::any_io_executor Executor::front(std::size_t index) {
  return fronts_[index]->context.get_executor();
}

void Executor::run() { main_->context.run(); }

// Each loop ends behind what it was told before: wakes that are under way hold things of other
// loops, and none of them may outlive those.
void Executor::stop() {
  const auto end = [](Loop& loop) { asio::post(loop.context, [&loop] { loop.context.stop(); }); };
  for (const std::unique_ptr<Loop>* loop : {&main_, &log_, &pool_, &client_})
    end(**loop);
  for (const std::unique_ptr<Loop>& loop : fronts_)
    end(*loop);
}

void Executor::join() {
  for (Loop* loop : {log_.get(), pool_.get(), client_.get()})
    loop->workers.clear();
  for (const std::unique_ptr<Loop>& loop : fronts_)
    loop->workers.clear();
}

}  // namespace caravan::io::linux_world
