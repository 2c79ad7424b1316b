// SPDX-License-Identifier: Apache-2.0
#include "sim/life.hpp"

namespace caravan::sim {

void Life::die(bool power) {
  if (!alive_) return;
  alive_ = false;
  for (std::size_t i = 0; i < deaths_.size(); ++i) deaths_[i](power);
  // What waits on another lane is not cancelled with its caller (io::on), but must end all the
  // same.
  for (io::Event& event : waiting_) event.notify();
}

void Life::at(base::Duration when, std::function<void()> action) {
  auto self = weak_from_this();
  timeline.at(when, [self, action = std::move(action)] {
    const LifePtr life = self.lock();
    if (!life || !life->alive_) return;
    if (life->paused_until_ > life->timeline.now()) return life->at(life->paused_until_, action);
    action();
  });
}

void Life::after(base::Duration delay, std::function<void()> action) {
  at(timeline.now() + std::max(delay, base::Duration(0)), std::move(action));
}

io::Task<void> Life::sleep(base::Duration duration) {
  check();
  const auto alarm = std::make_shared<io::Event>(executor);
  const std::weak_ptr<io::Event> ring = alarm;
  after(duration, [ring] {
    if (const auto event = ring.lock()) event->notify();
  });
  co_await wait(*alarm);
}

io::Task<void> Life::wait(io::Event& event) {
  struct Entry {
    Entry(LifePtr its, const io::Event& event)
        : life(std::move(its)), at(life->waiting_.insert(life->waiting_.end(), event)) {}
    ~Entry() { life->waiting_.erase(at); }
    LifePtr life;
    std::list<io::Event>::iterator at;
  };
  const Entry entry(shared_from_this(), event);
  co_await event.wait();
  entry.life->check();
}

void Life::check() const {
  if (!alive_) throw boost::system::system_error(boost::asio::error::operation_aborted);
}

}  // namespace caravan::sim
