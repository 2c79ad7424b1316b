// SPDX-License-Identifier: Apache-2.0
//! The functions. Each returns OK, DROPPED (not now: try again), REFUSED (bad input), or BROKEN
//! (the engine panicked: caravan_engine_error says how, and the process must end).

use std::cell::RefCell;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Once;

use prost::Message as _;
use raft::{eraftpb as pb, Config, Error, RawNode, ReadOnlyOption, SnapshotStatus, StateRole};
use slog::o;

use crate::abi;
use crate::mirror::Mirror;
use crate::output::{self, Held, Output};

const OK: i32 = 0;
const DROPPED: i32 = 1;
const REFUSED: i32 = 2;
const BROKEN: i32 = -1;

pub struct Node {
    raw: RawNode<Mirror>,
    held: Held,
    conf: pb::ConfState,
    error: String,
    broken: bool,
}

thread_local! {
    static PANIC: RefCell<String> = RefCell::new(String::new());
}

fn note_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(|info| PANIC.with(|p| *p.borrow_mut() = info.to_string())))
    });
}

fn panic_text() -> String {
    PANIC.with(|p| p.borrow().clone())
}

/// # Safety
/// `node` came from caravan_engine_create and no other call on it runs.
unsafe fn guard(node: *mut Node, body: impl FnOnce(&mut Node) -> Result<(), Error>) -> i32 {
    let node = &mut *node;
    if node.broken {
        return BROKEN;
    }
    match catch_unwind(AssertUnwindSafe(|| body(node))) {
        Ok(Ok(())) => OK,
        Ok(Err(error)) => {
            node.error = error.to_string();
            match error {
                Error::ProposalDropped | Error::RequestSnapshotDropped => DROPPED,
                _ => REFUSED,
            }
        }
        Err(_) => {
            node.error = panic_text();
            node.broken = true;
            BROKEN
        }
    }
}

unsafe fn open(config: &abi::Config) -> Result<Node, Error> {
    let entries = std::slice::from_raw_parts(config.entries.data, config.entries.size);
    let snapshot = config.snapshot.to_pb();
    let mirror = Mirror {
        hard_state: pb::HardState {
            term: config.hard_state.term,
            vote: config.hard_state.vote,
            commit: config.hard_state.commit,
        },
        conf_state: snapshot.get_metadata().get_conf_state().clone(),
        truncated: (config.truncated_index, config.truncated_term),
        entries: entries.iter().map(|e| e.to_pb()).collect(),
        snapshot,
    };
    let settings = Config {
        id: config.id,
        applied: config.applied,
        election_tick: config.election_ticks,
        heartbeat_tick: config.heartbeat_ticks,
        max_size_per_msg: config.message_bytes_max,
        max_inflight_msgs: config.inflight_max,
        max_uncommitted_size: config.uncommitted_bytes_max,
        max_committed_size_per_ready: config.apply_bytes_max,
        check_quorum: true,
        pre_vote: true,
        batch_append: true,
        // The lease mode counts ticks; a paused leader would serve stale reads (design, notes on
        // 2).
        read_only_option: ReadOnlyOption::Safe,
        ..Default::default()
    };
    let logger = slog::Logger::root(slog::Discard, o!());
    Ok(Node {
        raw: RawNode::new(&settings, mirror, &logger)?,
        held: Held::default(),
        conf: pb::ConfState::default(),
        error: String::new(),
        broken: false,
    })
}

/// Writes at most `size` bytes of the reason to `error` when it returns null.
#[no_mangle]
pub unsafe extern "C" fn caravan_engine_create(
    config: *const abi::Config,
    error: *mut u8,
    size: usize,
) -> *mut Node {
    note_panics();
    let reason = match catch_unwind(AssertUnwindSafe(|| open(&*config))) {
        Ok(Ok(node)) => return Box::into_raw(Box::new(node)),
        Ok(Err(reason)) => reason.to_string(),
        Err(_) => panic_text(),
    };
    let count = reason.len().min(size.saturating_sub(1));
    std::ptr::copy_nonoverlapping(reason.as_ptr(), error, count);
    *error.add(count) = 0;
    std::ptr::null_mut()
}

#[no_mangle]
pub unsafe extern "C" fn caravan_engine_destroy(node: *mut Node) {
    drop(Box::from_raw(node));
}

#[no_mangle]
pub unsafe extern "C" fn caravan_engine_error(node: *const Node) -> abi::Bytes {
    abi::Bytes::of((*node).error.as_bytes())
}

#[no_mangle]
pub unsafe extern "C" fn caravan_engine_tick(node: *mut Node) -> i32 {
    guard(node, |n| {
        n.raw.tick();
        Ok(())
    })
}

#[no_mangle]
pub unsafe extern "C" fn caravan_engine_step(node: *mut Node, message: abi::Bytes) -> i32 {
    let message = match pb::Message::decode(message.slice()) {
        Ok(message) => message,
        Err(_) => return REFUSED,
    };
    guard(node, |n| n.raw.step(message))
}

#[no_mangle]
pub unsafe extern "C" fn caravan_engine_propose(node: *mut Node, data: abi::Bytes) -> i32 {
    guard(node, |n| n.raw.propose(Vec::new(), data.slice().to_vec()))
}

#[no_mangle]
pub unsafe extern "C" fn caravan_engine_propose_change(
    node: *mut Node,
    changes: abi::List<abi::Change>,
    context: abi::Bytes,
) -> i32 {
    guard(node, |n| {
        let context = context.slice().to_vec();
        let mut change = pb::ConfChangeV2 { context, ..Default::default() };
        for one in std::slice::from_raw_parts(changes.data, changes.size) {
            change.changes.push(pb::ConfChangeSingle {
                change_type: one.kind as i32,
                node_id: one.node,
            });
        }
        n.raw.propose_conf_change(Vec::new(), change)
    })
}

/// The library lets a leader lead on that has been removed. It would take no proposals, and fail
/// when it commits what it has taken before.
fn step_down_if_removed(raft: &mut raft::Raft<Mirror>) {
    if raft.state == StateRole::Leader && !raft.promotable() {
        raft.become_follower(raft.term, raft::INVALID_ID);
    }
}

/// A committed entry of kind 1 or 2 takes effect when it is applied. The lists live until the next
/// call.
#[no_mangle]
pub unsafe extern "C" fn caravan_engine_apply_change(
    node: *mut Node,
    kind: u8,
    data: abi::Bytes,
    conf: *mut abi::ConfState,
) -> i32 {
    guard(node, |n| {
        let decoded = |_| Error::ConfChangeError("undecodable change".to_string());
        n.conf = if kind == pb::EntryType::EntryConfChange as u8 {
            let change = pb::ConfChange::decode(data.slice()).map_err(decoded)?;
            n.raw.apply_conf_change(&change)?
        } else {
            let change = pb::ConfChangeV2::decode(data.slice()).map_err(decoded)?;
            n.raw.apply_conf_change(&change)?
        };
        n.raw.mut_store().conf_state = n.conf.clone();
        step_down_if_removed(&mut n.raw.raft);
        *conf = abi::ConfState::of(&n.conf);
        Ok(())
    })
}

#[no_mangle]
pub unsafe extern "C" fn caravan_engine_campaign(node: *mut Node) -> i32 {
    guard(node, |n| n.raw.campaign())
}

#[no_mangle]
pub unsafe extern "C" fn caravan_engine_read_index(node: *mut Node, context: abi::Bytes) -> i32 {
    guard(node, |n| {
        n.raw.read_index(context.slice().to_vec());
        Ok(())
    })
}

/// What commits is told with the next entries, and not before.
#[no_mangle]
pub unsafe extern "C" fn caravan_engine_more_follows(node: *mut Node, on: u8) -> i32 {
    guard(node, |n| {
        n.raw.skip_bcast_commit(on != 0);
        Ok(())
    })
}

#[no_mangle]
pub unsafe extern "C" fn caravan_engine_transfer_leader(node: *mut Node, to: u64) -> i32 {
    guard(node, |n| {
        n.raw.transfer_leader(to);
        Ok(())
    })
}

#[no_mangle]
pub unsafe extern "C" fn caravan_engine_report_unreachable(node: *mut Node, peer: u64) -> i32 {
    guard(node, |n| {
        n.raw.report_unreachable(peer);
        Ok(())
    })
}

#[no_mangle]
pub unsafe extern "C" fn caravan_engine_report_snapshot(node: *mut Node, to: u64, ok: u8) -> i32 {
    guard(node, |n| {
        let status = if ok != 0 { SnapshotStatus::Finish } else { SnapshotStatus::Failure };
        n.raw.report_snapshot(to, status);
        Ok(())
    })
}

#[no_mangle]
pub unsafe extern "C" fn caravan_engine_set_election_ticks(node: *mut Node, ticks: usize) -> i32 {
    guard(node, |n| {
        n.raw.raft.set_randomized_election_timeout(ticks);
        Ok(())
    })
}

#[no_mangle]
pub unsafe extern "C" fn caravan_engine_status(node: *mut Node, status: *mut abi::Status) -> i32 {
    guard(node, |n| {
        let raft = &n.raw.raft;
        *status = abi::Status {
            term: raft.term,
            vote: raft.vote,
            commit: raft.raft_log.committed,
            applied: raft.raft_log.applied,
            first_index: raft.raft_log.first_index(),
            last_index: raft.raft_log.last_index(),
            leader: raft.leader_id,
            transferee: raft.lead_transferee.unwrap_or(0),
            election_elapsed: raft.election_elapsed as u64,
            commit_in_term: raft.commit_to_current_term() as u8,
            role: match raft.state {
                StateRole::Follower => 0,
                StateRole::PreCandidate => 1,
                StateRole::Candidate => 2,
                StateRole::Leader => 3,
            },
            has_output: n.raw.has_ready() as u8,
        };
        Ok(())
    })
}

/// DROPPED when there is nothing to do. The output lives until the next call on this node.
#[no_mangle]
pub unsafe extern "C" fn caravan_engine_take_output(node: *mut Node, out: *mut Output) -> i32 {
    guard(node, |n| {
        if !n.raw.has_ready() {
            return Err(Error::ProposalDropped);
        }
        let mut ready = n.raw.ready();
        n.held = Held::of(&mut ready);
        *out = n.held.output(&ready);
        // The engine reads its log through the mirror from here on, synced or not; what counts as
        // durable is what caravan_engine_persisted says.
        if (*out).has_snapshot != 0 {
            n.raw.mut_store().install(ready.snapshot());
        }
        n.raw.mut_store().append(n.held.entries());
        n.raw.advance_append_async(ready);
        Ok(())
    })
}

/// Output `number`, and all before it, is on disk.
#[no_mangle]
pub unsafe extern "C" fn caravan_engine_persisted(node: *mut Node, number: u64) -> i32 {
    guard(node, |n| {
        n.raw.on_persist_ready(number);
        Ok(())
    })
}

/// Entries up to `index` have been applied.
#[no_mangle]
pub unsafe extern "C" fn caravan_engine_applied(node: *mut Node, index: u64) -> i32 {
    guard(node, |n| {
        n.raw.advance_apply_to(index);
        Ok(())
    })
}

/// A snapshot is on disk and may be sent; entries up to `compact` are forgotten.
#[no_mangle]
pub unsafe extern "C" fn caravan_engine_compact(
    node: *mut Node,
    snapshot: *const abi::Snapshot,
    compact: u64,
) -> i32 {
    guard(node, |n| {
        let store = n.raw.mut_store();
        // A newer one may have come from the leader while this one was written: the log begins
        // behind that, and an older one would bring nobody to it.
        if (*snapshot).index > store.snapshot.get_metadata().index {
            store.snapshot = (*snapshot).to_pb();
        }
        store.compact(compact);
        Ok(())
    })
}

/// Looks into an encoded message without a node. The descriptor is not filled in; see `copy`.
#[no_mangle]
pub unsafe extern "C" fn caravan_engine_inspect(
    body: abi::Bytes,
    info: *mut abi::Message,
    sink: *mut std::ffi::c_void,
    copy: extern "C" fn(*mut std::ffi::c_void, abi::Bytes),
) -> i32 {
    match pb::Message::decode(body.slice()) {
        Ok(message) => {
            *info = output::message(&message, body.slice());
            copy(sink, (*info).descriptor);
            (*info).descriptor = abi::Bytes::of(&[]);
            OK
        }
        Err(_) => REFUSED,
    }
}
