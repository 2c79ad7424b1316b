// SPDX-License-Identifier: Apache-2.0
#include "server/backups.hpp"

#include <fmt/core.h>

#include "crypto/aead.hpp"
#include "io/random_bytes.hpp"
#include "keyring/root_key.hpp"

namespace caravan::server {
namespace {

/// Of the state, in one command: far below the largest one, so that other writes go on in between.
constexpr std::size_t piece_bytes = std::size_t{1} << 20;

io::Task<consensus::Term> term_there(const consensus::Replica& replica) {
  co_return replica.term();
}

}  // namespace

io::Task<base::Result<std::string>> Backups::save(bool redacted) {
  consensus::Archive archive;
  const state::Snapshot tables = store_.snapshot();
  archive.index = tables->index;
  archive.term = co_await io::on(world_.executor.lane(io::Lane::main), term_there(replica_));
  archive.time_ms = world_.clock.now().unix_ns / 1'000'000;
  if (!redacted) archive.key = keys_.key_encryption_key();
  co_return co_await io::on(world_.executor.lane(io::Lane::pool),
                            encode(tables, std::move(archive)));
}

io::Task<std::string> Backups::encode(state::Snapshot tables, consensus::Archive archive) {
  archive.state = state::dump(*tables);
  co_return consensus::encode_archive(archive);
}

io::Task<base::Result<std::uint64_t>> Backups::restore(std::string archive) {
  CO_TRY(const std::string bytes,
         co_await io::on(world_.executor.lane(io::Lane::pool), adapted(std::move(archive))));
  const base::Uuid id = world_.random.uuid();
  for (std::size_t offset = 0; offset < bytes.size(); offset += piece_bytes) {
    wire::BringRestorePiece piece;
    piece.piece = {id, offset, bytes.substr(offset, piece_bytes), {}};
    CO_TRY_VOID(co_await proposals_.propose_part(std::move(piece)));
  }
  CO_TRY(const std::uint64_t index,
         co_await proposals_.propose(wire::RestoreState{id, bytes.size(), {}}));
  if (store_.snapshot()->was_refused(index))
    co_return base::fail(base::Code::conflict,
                         "another snapshot was restored at the same time; look which one stands");
  co_return index;
}

io::Task<base::Result<std::string>> Backups::adapted(std::string bytes) const {
  base::Result<consensus::Archive> archive = consensus::decode_archive(bytes);
  if (!archive)
    co_return base::fail(archive.error().code,
                         "Error verifying snapshot: " + archive.error().message);
  bytes = {};
  CO_TRY(const std::unique_ptr<state::Tables> tables, state::load(archive->state));
  CO_TRY_VOID(seal_anew(*tables, archive->key));
  co_return state::dump(*tables);
}

base::Status Backups::seal_anew(state::Tables& tables, const std::string& key) const {
  std::vector<state::Ref<wire::RootKey>> sealed;
  tables.root_keys.each([&](const base::Uuid&, const state::Ref<wire::RootKey>& one) {
    if (!keyring::open(*one, keys_.key_encryption_key())) sealed.push_back(one);
  });
  const auto nonce = [&] { return io::random_bytes(world_.random, crypto::aead_nonce_bytes); };
  state::Change change(tables, tables.index, 0);
  for (const state::Ref<wire::RootKey>& old : sealed) {
    const auto opened = key.size() == crypto::aead_key_bytes
                            ? keyring::open(*old, key)
                            : base::Result<keyring::RootKey>(base::invalid("no key"));
    if (!opened)
      return base::invalid(fmt::format(
          "the snapshot's root key {} is sealed under a key that {}: put the file "
          "keystore/key-encryption-key of one of the servers that the snapshot is of into the data "
          "directory of each server here, before it starts for the first time",
          old->id.to_string(), key.empty() ? "it does not bring" : "is not the one it brings"));
    wire::RootKey renewed = *old;
    const wire::RootKey again =
        keyring::seal(*opened, keys_.key_encryption_key(), nonce(), nonce(), old->create_time_ns);
    renewed.wrapped_key = again.wrapped_key;
    renewed.wrapped_signing = again.wrapped_signing;
    change.put(std::make_shared<const wire::RootKey>(std::move(renewed)));
  }
  return {};
}

}  // namespace caravan::server
