// SPDX-License-Identifier: Apache-2.0
#include "rpc/pipe.hpp"

#include <deque>
#include <mutex>

#include <boost/asio/post.hpp>

#include "io/task.hpp"

namespace caravan::rpc {
namespace asio = boost::asio;
namespace {

/// Bytes in flight one way beyond this make the writer wait.
constexpr std::size_t pipe_bytes_max = 256 * 1024;

/// One direction between two lanes. The mutex guards the bytes and the two waiters; a waiter is
/// woken on its own lane.
class Pipe {
 public:
  Pipe(asio::any_io_executor reader, asio::any_io_executor writer)
      : reader_(reader), writer_(writer), readable_(reader), writable_(writer) {}

  std::size_t take(std::span<char> buffer, bool& ended) {
    const std::scoped_lock lock(mutex_);
    const std::size_t n = std::min(buffer.size(), bytes_.size());
    std::copy_n(bytes_.begin(), n, buffer.begin());
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(n));
    ended = closed_ && n == 0;
    return n;
  }
  /// How many were taken in; 0 when full or closed.
  std::size_t give(std::string_view bytes, bool& closed) {
    const std::scoped_lock lock(mutex_);
    closed = closed_;
    const std::size_t room = closed_ ? 0 : pipe_bytes_max - std::min(pipe_bytes_max, bytes_.size());
    const std::size_t n = std::min(room, bytes.size());
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
    return n;
  }
  void close() {
    const std::scoped_lock lock(mutex_);
    closed_ = true;
  }
  bool is_readable() {
    const std::scoped_lock lock(mutex_);
    return closed_ || !bytes_.empty();
  }
  bool is_writable() {
    const std::scoped_lock lock(mutex_);
    return closed_ || bytes_.size() < pipe_bytes_max;
  }
  // A wake that arrives between the check and the wait finds the waiter, since both run on its
  // lane.
  static void wake_reader(const std::shared_ptr<Pipe>& pipe) {
    asio::post(pipe->reader_, [pipe] { pipe->readable_.notify(); });
  }
  static void wake_writer(const std::shared_ptr<Pipe>& pipe) {
    asio::post(pipe->writer_, [pipe] { pipe->writable_.notify(); });
  }
  io::Event& readable() { return readable_; }
  io::Event& writable() { return writable_; }

 private:
  std::mutex mutex_;
  std::deque<char> bytes_;
  bool closed_ = false;
  asio::any_io_executor reader_, writer_;
  io::Event readable_, writable_;
};

class PipeStream : public io::Stream {
 public:
  PipeStream(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out)
      : in_(std::move(in)), out_(std::move(out)) {}
  ~PipeStream() override { close(); }

  io::Task<base::Result<std::size_t>> read_some(std::span<char> buffer) override {
    while (true) {
      bool ended = false;
      const std::size_t n = in_->take(buffer, ended);
      if (n > 0) {
        Pipe::wake_writer(in_);
        co_return n;
      }
      if (ended) co_return std::size_t{0};
      if (!in_->is_readable()) co_await in_->readable().wait();
    }
  }
  io::Task<base::Status> write(std::string_view bytes) override {
    while (!bytes.empty()) {
      bool closed = false;
      const std::size_t n = out_->give(bytes, closed);
      if (closed) co_return base::fail(base::Code::io, "the other side has closed the stream");
      bytes.remove_prefix(n);
      if (n > 0)
        Pipe::wake_reader(out_);
      else if (!out_->is_writable())
        co_await out_->writable().wait();
    }
    co_return base::Status();
  }
  void close() override {
    for (const std::shared_ptr<Pipe>& pipe : {in_, out_}) {
      pipe->close();
      Pipe::wake_reader(pipe);
      Pipe::wake_writer(pipe);
    }
  }
  io::Address peer() const override { return {}; }
  io::Address local() const override { return {}; }

 private:
  std::shared_ptr<Pipe> in_, out_;
};

}  // namespace

std::pair<std::unique_ptr<io::Stream>, std::unique_ptr<io::Stream>> make_pipe(
    asio::any_io_executor here, asio::any_io_executor there) {
  auto up = std::make_shared<Pipe>(there, here), down = std::make_shared<Pipe>(here, there);
  return {std::make_unique<PipeStream>(down, up), std::make_unique<PipeStream>(up, down)};
}

}  // namespace caravan::rpc
