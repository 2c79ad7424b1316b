// SPDX-License-Identifier: Apache-2.0
//! A C ABI around raft-rs. C++ owns time, randomness, disk and network; this crate owns one RawNode
//! and a mirror of what C++ has given it. It decides nothing: every function forwards to the engine
//! and translates values. caravan_engine.h is the other half of each declaration here.
//!
//! A panic of the engine means that an invariant of Raft is broken. It is caught at the boundary
//! and named; the node is unusable from then on, and the process has to end.

mod abi;
mod mirror;
mod node;
mod output;
