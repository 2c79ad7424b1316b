// SPDX-License-Identifier: Apache-2.0
#include "server/connect.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "crypto/aead.hpp"
#include "crypto/digest.hpp"
#include "io/random_bytes.hpp"

namespace caravan::server {
namespace {

using namespace std::chrono_literals;
using crypto::CertificateKey;
using model::ConnectCa;
using model::ConnectRoot;

constexpr base::Duration roots_look_interval = 60s;
/// A clock that is behind ours believes a certificate at once.
constexpr base::Duration clock_leeway = 60s;
constexpr base::Duration root_key_look = 100ms, root_key_patience = 8s;
constexpr std::size_t serial_bytes = 16, root_serial_bytes = 6, making_attempts_max = 4;

/// A cluster that has just begun draws its first root key for a second or two.
io::Task<void> wait_for_root_key(io::Clock& clock, const state::Store& store) {
  const base::Duration deadline = clock.uptime() + root_key_patience;
  while (keyring::active_key_id(*store.snapshot()).is_nil() && clock.uptime() < deadline)
    co_await clock.sleep(root_key_look);
}

std::string pairs(std::string_view bytes) {
  std::string text;
  for (const char c : bytes)
    text += fmt::format("{}{:02x}", text.empty() ? "" : ":", static_cast<unsigned char>(c));
  return text;
}

/// What a box is bound to: it opens as the key of no other root.
std::string bound_of(const ConnectRoot& root) { return "connect root " + root.id; }

std::uint64_t number_of(const std::string& serial) {
  std::uint64_t number = 0;
  for (const char c : serial)
    number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

base::Result<ConnectRoot> root_of(const std::string& certificate, std::string name) {
  TRY(const crypto::CertificateFacts facts, crypto::read_certificate(certificate));
  ConnectRoot root;
  root.id = facts.fingerprint;
  root.name = std::move(name);
  root.signing_key_id = pairs(crypto::sha256(facts.public_pem));
  root.certificate = certificate;
  root.not_before = facts.not_before;
  root.not_after = facts.not_after;
  root.is_active = true;
  return root;
}

}  // namespace

std::string Connect::serial() {
  std::string bytes = io::random_bytes(world_.random, serial_bytes);
  bytes[0] = static_cast<char>((bytes[0] & 0x3f) | 0x40);  // positive, and never short
  return bytes;
}

base::Result<Connect::Signer> Connect::draw(const base::Uuid& cluster) {
  const base::Instant now = world_.clock.now();
  crypto::CertificateForm form;
  form.common_name = fmt::format("Caravan Mesh CA {}", cluster.to_short());
  form.uris = {fmt::format("spiffe://{}.consul", cluster.to_string())};
  form.is_authority = true;
  form.not_before = now - clock_leeway;
  form.not_after = now + model::root_ttl;
  form.serial = io::random_bytes(world_.random, root_serial_bytes);
  form.serial[0] = static_cast<char>((form.serial[0] & 0x3f) | 0x40);
  CertificateKey key = CertificateKey::draw();
  TRY(const std::string certificate, crypto::issue(form, key));
  TRY(ConnectRoot root, root_of(certificate, "Caravan CA Root Cert"));
  root.serial = number_of(form.serial);
  return Signer{std::move(root), std::move(key)};
}

base::Result<Connect::Signer> Connect::given(const ConnectSettings& settings) const {
  base::Result<CertificateKey> key = CertificateKey::from_pem(settings.private_key);
  if (!key) return base::invalid("Config.PrivateKey: " + key.error().message);
  const auto facts = crypto::read_certificate(settings.root_certificate);
  if (!facts) return base::invalid("Config.RootCert: " + facts.error().message);
  const base::Instant now = world_.clock.now();
  if (!facts->is_authority) return base::invalid("Config.RootCert: is no authority's");
  if (facts->public_pem != key->public_pem())
    return base::invalid("Config.RootCert: is not that of Config.PrivateKey");
  if (now < facts->not_before || facts->not_after < now)
    return base::invalid("Config.RootCert: does not hold now");
  TRY(ConnectRoot root, root_of(settings.root_certificate, "Given CA Root Cert"));
  return Signer{std::move(root), *std::move(key)};
}

base::Status Connect::seal_into(const state::Tables& tables, Signer& signer) {
  TRY(keyring::Box box, ring_.seal(tables, signer.key.to_pem(), bound_of(signer.root),
                                   io::random_bytes(world_.random, crypto::aead_nonce_bytes)));
  signer.root.key_id = box.key_id;
  signer.root.sealed = std::move(box.bytes);
  return {};
}

base::Result<crypto::Issuer> Connect::open(const state::Tables& tables,
                                           const ConnectRoot& root) const {
  TRY(const std::string pem, ring_.open(tables, root.key_id, root.sealed, bound_of(root)));
  TRY(CertificateKey key, CertificateKey::from_pem(pem));
  return crypto::Issuer{root.certificate, std::move(key)};
}

io::Task<base::Result<bool>> Connect::propose(ConnectCa ca) {
  wire::SetConnectCa command;
  command.expected_index = ca.modify_index;
  command.ca = std::move(ca);
  CO_TRY(const std::uint64_t index, co_await proposals_.propose_part(std::move(command)));
  co_return !store_.snapshot()->was_refused(index);
}

io::Task<base::Result<Connect::Ca>> Connect::ca() {
  for (std::size_t attempt = 0; attempt < making_attempts_max; ++attempt) {
    if (!store_.snapshot()->connect_ca()) co_await wait_for_root_key(world_.clock, store_);
    const state::Snapshot tables = store_.snapshot();
    if (Ca known = tables->connect_ca()) co_return known;
    ConnectCa made;
    made.cluster = world_.random.uuid();
    CO_TRY(Signer signer, draw(made.cluster));
    CO_TRY_VOID(seal_into(*tables, signer));
    made.roots.push_back(std::move(signer.root));
    CO_TRY(const bool done, co_await propose(std::move(made)));
    if (done) log_.info("the authority of the service mesh was made", {});
  }
  co_return base::fail(base::Code::unavailable, "the authority of the mesh cannot be made now");
}

/// The key of the root that signs no more is forgotten; what it has signed is believed for as long
/// as it lives.
base::Status Connect::replace_root(const state::Tables& tables, ConnectCa& ca, Signer next,
                                   bool is_vouched_for) {
  const base::Instant now = world_.clock.now();
  if (ca.roots.size() >= model::connect_roots_max)
    return base::invalid(fmt::format(
        "there are {} roots already whose leaves may still be shown; try again when they are over",
        ca.roots.size()));
  for (ConnectRoot& root : ca.roots) {
    if (!root.is_active) continue;
    if (is_vouched_for) {
      TRY(const crypto::Issuer before, open(tables, root));
      const base::Instant until = std::min(root.not_after, next.root.not_after);
      TRY(std::string cross, crypto::cross_sign(next.root.certificate, before, serial(),
                                                now - clock_leeway, until));
      next.root.intermediates.push_back(std::move(cross));
    }
    root.is_active = false;
    root.rotated_out = now;
    root.key_id = {};
    root.sealed.clear();
    root.modify_index = 0;
  }
  TRY_VOID(seal_into(tables, next));
  next.root.longest_leaf = ca.config.leaf_ttl;
  ca.roots.push_back(std::move(next.root));
  return {};
}

io::Task<base::Status> Connect::configure(ConnectSettings settings) {
  CO_TRY(const Ca before, co_await ca());
  const state::Snapshot tables = store_.snapshot();
  ConnectCa next = *before;
  next.config = settings.config;
  for (ConnectRoot& root : next.roots)
    if (root.is_active) root.longest_leaf = std::max(root.longest_leaf, next.config.leaf_ttl);
  if (!settings.private_key.empty()) {
    CO_TRY(Signer signer, given(settings));
    const bool is_known = std::ranges::any_of(
        next.roots, [&](const ConnectRoot& root) { return root.id == signer.root.id; });
    const bool is_active = before->active() && before->active()->id == signer.root.id;
    if (is_known && !is_active)
      co_return base::invalid("Config.RootCert: was the root before, and cannot be it again yet");
    if (!is_known)
      CO_TRY_VOID(
          replace_root(*tables, next, std::move(signer), !settings.without_cross_signing));
  }
  CO_TRY(const bool done, co_await propose(std::move(next)));
  if (done) co_return base::Status();
  co_return base::fail(base::Code::conflict, "the authority was changed by somebody else meanwhile");
}

base::Result<std::string> Connect::sign(const ConnectCa& ca, const wire::ConnectSign& asked) {
  if (!model::is_mesh_name(asked.service))
    return base::invalid("a service in the mesh has a name of letters, digits, dashes, dots and "
                         "underscores");
  const ConnectRoot* root = ca.active();
  if (!root) return base::fail(base::Code::unavailable, "no root of the mesh signs");
  const state::Snapshot tables = store_.snapshot();
  TRY(const crypto::Issuer issuer, open(*tables, *root));
  TRY(const CertificateKey key, CertificateKey::from_public_pem(asked.public_pem));
  const base::Instant now = world_.clock.now();
  wire::ConnectLeaf leaf;
  leaf.uri = model::SpiffeService{ca.trust_domain(), datacenter_, asked.service}.to_uri();
  leaf.root_id = root->id;
  leaf.index = tables->index;
  leaf.not_before = std::max(now - clock_leeway, root->not_before);
  leaf.not_after = std::min(now + ca.config.leaf_ttl, root->not_after);
  crypto::CertificateForm form;
  form.common_name = fmt::format("service of {}", ca.cluster.to_short());
  form.uris = {leaf.uri};
  form.not_before = leaf.not_before;
  form.not_after = leaf.not_after;
  form.serial = serial();
  leaf.serial = pairs(form.serial);
  TRY(leaf.certificate, crypto::issue(form, key, issuer));
  for (const std::string& intermediate : root->intermediates)
    leaf.certificate += intermediate;
  return wire::encode(leaf);
}

io::Task<base::Result<std::string>> Connect::call(std::string method, std::string request) {
  CO_TRY(const Ca known, co_await ca());
  if (method == "Connect.Root") co_return known->active() ? known->active()->id : std::string();
  if (method != "Connect.Sign") co_return base::fail(base::Code::unsupported, method);
  CO_TRY(const wire::ConnectSign asked, wire::decode<wire::ConnectSign>(request));
  co_return sign(*known, asked);
}

io::Task<base::Status> Connect::reseal(base::Uuid key_id) {
  const state::Snapshot tables = store_.snapshot();
  const Ca known = tables->connect_ca();
  const ConnectRoot* root = known ? known->active() : nullptr;
  if (!root || root->key_id != key_id) co_return base::Status();
  CO_TRY(crypto::Issuer opened, open(*tables, *root));
  Signer signer{*root, std::move(opened.key)};
  CO_TRY_VOID(seal_into(*tables, signer));
  ConnectCa next = *known;
  for (ConnectRoot& each : next.roots)
    if (each.id == signer.root.id) each = signer.root;
  CO_TRY(const bool done, co_await propose(std::move(next)));
  if (done) co_return base::Status();
  co_return base::fail(base::Code::conflict, "the authority was changed by somebody else meanwhile");
}

void Connect::start() {
  tasks_ = std::make_unique<io::TaskGroup>(world_.executor.lane(io::Lane::main));
  tasks_->spawn(run());
}

io::Task<void> Connect::stop() {
  if (tasks_) co_await tasks_->stop();
}

/// A root goes when no leaf of it can live any more.
io::Task<void> Connect::run() {
  while (true) {
    co_await world_.clock.sleep(roots_look_interval);
    const Ca known = store_.snapshot()->connect_ca();
    if (!known) continue;
    const base::Instant now = world_.clock.now();
    ConnectCa next = *known;
    std::erase_if(next.roots, [&](const ConnectRoot& root) {
      const base::Instant over = root.rotated_out + root.longest_leaf + clock_leeway;
      return !root.is_active && (over < now || root.not_after < now);
    });
    if (next.roots.size() == known->roots.size()) continue;
    const base::Result<bool> done = co_await propose(std::move(next));
    if (!done) log_.debug("a root could not be let go", {{"error", done.error().message}});
  }
}

}  // namespace caravan::server
