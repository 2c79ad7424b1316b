// SPDX-License-Identifier: Apache-2.0
#include "registry/journal.hpp"

#include <map>
#include <optional>

#include <fmt/core.h>

#include "base/hash.hpp"
#include "wire/binary.hpp"

namespace caravan::registry {
namespace {

constexpr unsigned file_mode = 0600;
constexpr std::size_t head_bytes = 4 + 8;  // the length, and the checksum

void put_number(std::string& out, std::uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i)
    out += static_cast<char>(number >> (8 * i));
}

std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    number |= static_cast<std::uint64_t>(static_cast<std::uint8_t>(bytes[i])) << (8 * i);
  return number;
}

/// The body of the frame that the bytes begin with.
std::optional<std::string_view> whole_frame(std::string_view bytes) {
  if (bytes.size() < head_bytes) return {};
  const std::uint64_t length = number_in(bytes.substr(0, 4));
  if (length > bytes.size() - head_bytes) return {};
  const std::string_view body = bytes.substr(head_bytes, length);
  if (base::hash64(body, length) != number_in(bytes.substr(4, 8))) return {};
  return body;
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

std::string framed(const KeptChanges& changes) {
  const std::string bytes = wire::encode(changes);
  std::string frame;
  put_number(frame, bytes.size(), 4);
  put_number(frame, base::hash64(bytes, bytes.size()), 8);
  return frame + bytes;
}

base::Result<Frames> read_frames(std::string_view bytes) {
  Frames read;
  std::optional<std::string_view> body = whole_frame(bytes);
  while (body) {
    TRY(KeptChanges changes, wire::decode<KeptChanges>(*body));
    std::ranges::move(changes.all, std::back_inserter(read.changes));
    read.end += head_bytes + body->size();
    body = whole_frame(bytes.substr(read.end));
  }
  // What a power cut leaves of the last write may be anything, but nothing whole follows it.
  for (std::size_t at = read.end + 1; at < bytes.size(); ++at)
    if (whole_frame(bytes.substr(at)))
      return base::invalid(fmt::format("damaged between bytes {} and {}", read.end, at));
  return read;
}

Kept after(Kept kept, std::vector<KeptChange> changes) {
  std::map<std::string, model::CatalogService> services;
  std::map<std::string, KeptCheck> checks;
  const auto take = [&](std::vector<model::CatalogService>& some, std::vector<KeptCheck>& more) {
    for (model::CatalogService& service : some)
      services[service.id] = std::move(service);
    for (KeptCheck& check : more)
      checks[check.definition.id] = std::move(check);
  };
  take(kept.services, kept.checks);
  for (KeptChange& change : changes) {
    if (!change.gone_service.empty()) {
      services.erase(change.gone_service);
      std::erase_if(checks, [&](const auto& entry) {
        return entry.second.definition.service_id == change.gone_service;
      });
    }
    for (const std::string& id : change.gone_checks)
      checks.erase(id);
    take(change.services, change.checks);
  }
  kept.services.clear();
  kept.checks.clear();
  for (auto& [id, service] : services)
    kept.services.push_back(std::move(service));
  for (auto& [id, check] : checks)
    kept.checks.push_back(std::move(check));
  return kept;
}

class Journal::Turn {
 public:
  explicit Turn(Journal& journal) : journal_(&journal) { journal.is_busy_ = true; }
  Turn(Turn&& other) noexcept : journal_(std::exchange(other.journal_, nullptr)) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (!journal_) return;
    journal_->is_busy_ = false;
    journal_->freed_.notify();
  }

 private:
  Journal* journal_;
};

io::Task<Journal::Turn> Journal::take_turn() {
  while (is_busy_)
    co_await freed_.wait();
  co_return Turn(*this);
}

std::string Journal::log_path(std::uint64_t generation) const {
  return fmt::format("{}.log.{}", path_, generation);
}

base::Status Journal::open_log() {
  TRY(log_, disk_.open(log_path(generation_), true));
  return {};
}

base::Result<Kept> Journal::load() {
  Kept kept;
  if (disk_.exists(path_)) {
    TRY(const std::string bytes, disk_.read_file(path_));
    base::Result<Kept> whole = wire::decode<Kept>(bytes);
    if (!whole)
      return base::invalid(fmt::format("{}: {}; take it away, and register anew what it held",
                                       path_, whole.error().message));
    whole_bytes_ = bytes.size();
    kept = *std::move(whole);
  }
  generation_ = kept.generation;
  if (generation_ > 0) (void)disk_.remove(log_path(generation_ - 1));  // mostly it is gone already
  const std::string path = log_path(generation_);
  if (!disk_.exists(path)) return kept;
  TRY(const std::string bytes, disk_.read_file(path));
  base::Result<Frames> frames = read_frames(bytes);
  if (!frames)
    return base::invalid(fmt::format("{}: {}; take it away, and register anew what it held", path,
                                     frames.error().message));
  TRY_VOID(open_log());
  end_ = frames->end;
  TRY_VOID(log_->truncate(end_));
  return after(std::move(kept), std::move(frames->changes));
}

/// Precondition: it is our turn.
io::Task<void> Journal::write(Batch& batch) {
  batch.status = base::Status();
  if (!log_) {
    batch.status = open_log();
    if (batch.status) batch.status = co_await disk_.sync_dir(folder_of(path_));
  }
  const std::string bytes = framed(batch.changes);
  if (batch.status) batch.status = log_->write_at(end_, bytes);
  if (batch.status) batch.status = co_await log_->sync();
  if (batch.status) end_ += bytes.size();
  batch.is_done = true;
}

io::Task<base::Status> Journal::append(KeptChange change) {
  if (!next_) next_ = std::make_shared<Batch>();
  const std::shared_ptr<Batch> mine = next_;
  mine->changes.all.push_back(std::move(change));
  const Turn turn = co_await take_turn();
  if (!mine->is_done) {
    if (next_ == mine) next_.reset();
    co_await write(*mine);
  }
  co_return mine->status;
}

bool Journal::wants_rewrite() const {
  return end_ > std::max(journal_bytes_min, journal_growth_max * whole_bytes_);
}

io::Task<base::Status> Journal::rewrite(std::function<Kept()> now) {
  const Turn turn = co_await take_turn();
  Kept kept = now();
  kept.generation = generation_ + 1;
  const std::string bytes = wire::encode(kept);
  const base::Status written = co_await disk_.replace_file(path_, bytes, file_mode);
  if (written) {
    (void)disk_.remove(log_path(generation_));
    generation_ = kept.generation;
    whole_bytes_ = bytes.size();
    end_ = 0;
    log_.reset();
  }
  co_return written;
}

}  // namespace caravan::registry
